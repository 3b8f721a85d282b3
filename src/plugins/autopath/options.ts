/** Reads `autopath [ZONE...] RESOLV-CONF|@PLUGIN`. */
import { readFileSync } from 'node:fs';
import { noBlock } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { parseResolvConf } from '../../resolver/index.ts';

export type Source =
  | { readonly kind: 'plugin'; readonly directive: string }
  /** The search list of a file, the name as it is behind it. */
  | { readonly kind: 'file'; readonly file: string; readonly path: readonly Name[] };

export interface AutopathOptions {
  readonly zones: readonly Name[];
  readonly source: Source;
}

/** @param blockZones what it is for without zones of its own. @throws {CorefileError} with CoreDNS's words where it has some */
export function readOptions(directive: Directive, blockZones: readonly Name[]): AutopathOptions {
  noBlock(directive);
  const source = directive.args.at(-1);
  if (source === undefined) throw errorAt(directive.name, 'no resolv-conf specified');
  const zones = directive.args.slice(0, -1).flatMap(normalizeZones);
  return { zones: zones.length > 0 ? zones : blockZones, source: readSource(source) };
}

function readSource(token: Token): Source {
  if (token.text.startsWith('@')) return { kind: 'plugin', directive: token.text.slice(1) };
  try {
    return { kind: 'file', file: token.text, path: readPath(token.text) };
  } catch (error) {
    throw errorAt(token, `failed to parse "${token.text}": ${(error as Error).message}`);
  }
}

function readPath(file: string): readonly Name[] {
  const text = readFileSync(file, 'utf8');
  // glibc's reading: musl's differs in lines that nobody writes.
  const { search } = parseResolvConf(text).glibc.conf;
  const domains = [...search.map((domain) => Name.fromText(domain)), Name.root];
  const path = [...new Map(domains.map((domain) => [domain.key, domain])).values()];
  if (path.length <= limits.autopathCandidates) return path;
  throw new Error(`${path.length - 1} search domains: at most ${limits.autopathCandidates - 1} are tried`);
}
