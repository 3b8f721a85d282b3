/** Reads `hosts [FILE [ZONE...]] { ... }`. */
import { noArgs, onlyArg, parseDuration } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { CorefileError } from '../../corefile/error.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import type { Name } from '../../dns/name.ts';
import { Fallthrough, parseFallthrough } from '../fallthrough.ts';

export interface HostsOptions {
  /** As written. */
  readonly file: string;
  /** None: those of the server block. */
  readonly zones: readonly Name[];
  readonly inline: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly reverse: boolean;
  readonly reloadMs: number;
  readonly fallthrough: Fallthrough;
  /** Whether types that a hosts file cannot have go on too. */
  readonly fallthroughUnsupported: boolean;
}

const MAX_TTL = 65_535;

type Draft = { -readonly [K in keyof HostsOptions]: HostsOptions[K] };

/** @throws {CorefileError} */
export function readOptions(directive: Directive): HostsOptions {
  const [file, ...zones] = directive.args;
  const inline: string[] = [];
  const draft: Draft = {
    file: file?.text ?? '/etc/hosts',
    zones: zones.flatMap(normalizeZones),
    inline,
    ttl: 3600,
    reverse: true,
    reloadMs: 5_000,
    fallthrough: Fallthrough.none,
    fallthroughUnsupported: false,
  };
  for (const property of directive.block ?? []) {
    if (readProperty(property, draft)) continue;
    // What no option is, is an entry: only `fallthrough` ends the entries.
    if (draft.fallthrough !== Fallthrough.none) {
      throw errorAt(property.name, `unknown property '${property.name.text}'`);
    }
    inline.push(readEntry(property));
  }
  if (draft.fallthroughUnsupported && draft.fallthrough === Fallthrough.none) {
    throw errorAt(directive.name, 'fallthrough_unsupported requires fallthrough');
  }
  return draft;
}

/** Whether the line is an option. */
function readProperty(property: Directive, draft: Draft): boolean {
  switch (property.name.text) {
    case 'fallthrough':
      draft.fallthrough = parseFallthrough(property);
      return true;
    case 'fallthrough_unsupported':
      noArgs(property);
      draft.fallthroughUnsupported = true;
      return true;
    case 'no_reverse':
      noArgs(property);
      draft.reverse = false;
      return true;
    case 'ttl':
      draft.ttl = readTtl(property);
      return true;
    case 'reload':
      draft.reloadMs = readReload(property);
      return true;
    default:
      return false;
  }
}

function readEntry({ name, args, block }: Directive): string {
  if (block !== undefined) throw errorAt(name, `Unexpected token '{', a hosts entry takes no block`);
  return [name, ...args].map((token) => token.text).join(' ');
}

function readTtl(property: Directive): number {
  const [seconds, extra] = property.args;
  if (seconds === undefined) throw errorAt(property.name, 'ttl needs a time in second');
  if (extra !== undefined) throw argumentError(property);
  if (!/^[+-]?\d+$/.test(seconds.text)) throw errorAt(seconds, 'ttl needs a number of second');
  const ttl = Number(seconds.text);
  if (ttl < 1 || ttl > MAX_TTL) throw errorAt(seconds, 'ttl provided is invalid');
  return ttl;
}

function readReload(property: Directive): number {
  if (property.args.length !== 1) {
    throw errorAt(property.name, 'reload needs a duration (zero seconds to disable)');
  }
  const period = onlyArg(property);
  const ms = tryParse(period);
  if (ms === undefined) throw errorAt(period, `invalid duration for reload '${period.text}'`);
  if (ms < 0) throw errorAt(period, `invalid negative duration for reload '${period.text}'`);
  return ms;
}

function tryParse(period: Token): number | undefined {
  try {
    return parseDuration(period);
  } catch (error) {
    if (error instanceof CorefileError) return undefined;
    throw error;
  }
}
