/** `chaos`: version, authors and host name of the server, as TXT records of class CH. */
import { hostname } from 'node:os';
import { CONSTANT } from '../../cluster/generation.ts';
import { noBlock } from '../../corefile/args.ts';
import type { Directive } from '../../corefile/ast.ts';
import { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { RrClass, RrType } from '../../dns/types.ts';
import { VERSION } from '../../version.ts';
import type { Handler, Plugin, PluginFactory, Query } from '../plugin.ts';
import { makeReply, NEVER, type Reply, type Validity } from '../reply.ts';
import { shuffled } from './shuffled.ts';

/** RFC 1035 §3.3: the length of a character string is one octet. */
const STRING_BYTES = 255;
const DEFAULT_AUTHORS = ['The CorviDNS authors'];
const ALWAYS: Validity = { kind: 'while', of: CONSTANT, generation: CONSTANT.current };

interface Identity {
  readonly version: Uint8Array;
  readonly authors: readonly Uint8Array[];
  readonly hostname: Uint8Array;
}

export const chaosPlugin: PluginFactory = {
  name: 'chaos',

  setup(directives, { settings }): Plugin {
    for (const directive of directives) noBlock(directive);
    settings.anyClass = true;
    return new Chaos(readIdentity(directives[0]));
  },
};

function readIdentity({ args }: Directive): Identity {
  const [version, ...authors] = args.map(({ text }) => text);
  return {
    version: characterString(version ?? `CorviDNS-${VERSION}`),
    authors: [...new Set(authors.length === 0 ? DEFAULT_AUTHORS : authors)].map(characterString),
    hostname: characterString(hostname()),
  };
}

/** What is too long is cut. */
function characterString(text: string): Uint8Array {
  return Buffer.from(text).subarray(0, STRING_BYTES);
}

class Chaos implements Plugin {
  readonly name = 'chaos';
  readonly #answers: ReadonlyMap<string, () => readonly Uint8Array[]>;

  constructor({ version, authors, hostname }: Identity) {
    const texts: [name: string, read: () => readonly Uint8Array[]][] = [
      ['version.bind', () => [version]],
      ['version.server', () => [version]],
      ['authors.bind', () => shuffled(authors)],
      ['hostname.bind', () => [hostname]],
      // RFC 4892 §2.
      ['id.server', () => [hostname]],
    ];
    this.#answers = new Map(texts.map(([name, read]) => [Name.fromText(name).key, read]));
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    if (query.class !== RrClass.CH || query.type !== RrType.TXT) return next(query);
    const strings = this.#answers.get(query.name.key)?.();
    if (strings === undefined) return next(query);
    return makeReply({
      answer: strings.map((string) => txt(query.name, string)),
      // Only where there are several is their order left to chance.
      validity: strings.length > 1 ? NEVER : ALWAYS,
      plugin: 'chaos',
    });
  }
}

function txt(owner: Name, string: Uint8Array): ResourceRecord {
  return { owner, type: RrType.TXT, class: RrClass.CH, ttl: 0, data: { kind: 'TXT', strings: [string] } };
}
