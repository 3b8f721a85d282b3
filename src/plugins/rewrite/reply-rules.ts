/** `ttl` and `rcode`: rules that leave the question alone. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import { Rcode } from '../../dns/types.ts';
import { type MatchKind, matchKind, REWRITERS, readRegexp, tooLong } from './match.ts';
import { qualified } from './names.ts';
import { mapSections } from './record-names.ts';
import type { Apply, ResponseRule } from './rule.ts';

/** `ttl [KIND] NAME SECONDS|MIN-MAX|-MAX|MIN-` */
export function readTtlRule(field: Token, args: readonly Token[]): Apply {
  const { kind, name, values } = readArguments(field, args, 1);
  const [range = name] = values;
  const { min, max } = readRange(range);
  const matches = readMatcher('ttl', kind, name);
  const rules: ResponseRule[] = [
    (reply) =>
      mapSections(reply, (record) => {
        const ttl = Math.min(Math.max(record.ttl, min), max);
        return ttl === record.ttl ? record : { ...record, ttl };
      }),
  ];
  return (draft) => (matches(draft.text) ? rules : undefined);
}

/** `rcode [KIND] NAME FROM TO` */
export function readRcodeRule(field: Token, args: readonly Token[]): Apply {
  const { kind, name, values } = readArguments(field, args, 2);
  const [fromToken = name, toToken = name] = values;
  const from = readRcode(fromToken, 'matching');
  const to = readRcode(toToken, 'replacement');
  const matches = readMatcher('rcode', kind, name);
  const rules: ResponseRule[] = [(reply) => (reply.rcode === from ? { ...reply, rcode: to } : reply)];
  return (draft) => (matches(draft.text) ? rules : undefined);
}

interface Arguments {
  /** The token of it; undefined where none is given, which means `exact`. */
  readonly kind: Token | undefined;
  readonly name: Token;
  /** As many as were wanted. */
  readonly values: readonly Token[];
}

function readArguments(field: Token, args: readonly Token[], valueCount: number): Arguments {
  const hasKind = args.length === valueCount + 2;
  const kind = hasKind ? args[0] : undefined;
  const [name, ...values] = hasKind ? args.slice(1) : args;
  const place = args.at(-1) ?? field;
  const rule = `a ${field.text.toLowerCase()} rule`;
  if (args.length > valueCount + 2) throw errorAt(place, `too many arguments for ${rule}`);
  if (name === undefined || values.length < valueCount) {
    throw errorAt(place, `too few (${args.length}) arguments for ${rule}`);
  }
  return { kind, name, values };
}

function readMatcher(rule: string, kindToken: Token | undefined, name: Token): (text: string) => boolean {
  const kind: MatchKind | undefined = kindToken === undefined ? 'exact' : matchKind(kindToken);
  if (kind === undefined) {
    throw errorAt(
      kindToken ?? name,
      `${rule} rule supports only exact, prefix, suffix, substring, and regex name matching`,
    );
  }
  if (kind !== 'regex') {
    const rewrite = REWRITERS[kind](qualified(name.text), '');
    return (text) => rewrite(text) !== undefined;
  }
  const regexp = readRegexp(name, (fault) =>
    fault.kind === 'long'
      ? `regex pattern too long in a ${rule} rule: ${tooLong(name)}`
      : `invalid regex pattern in a ${rule} rule: ${name.text} (${fault.detail})`,
  );
  return (text) => regexp.test(text);
}

const UINT32_MAX = 0xffff_ffff;
/** RFC 2181 §8. */
const TTL_MAX = 0x7fff_ffff;

function readRange(token: Token): { min: number; max: number } {
  const { text } = token;
  const [, only] = /^(\d+)$/.exec(text) ?? [];
  const [, low = '', high = ''] = /^(\d*)-(\d*)$/.exec(text) ?? [];
  const min = Number(only ?? low);
  const max = only === undefined && high === '' ? TTL_MAX : Number(only ?? high);
  const isGiven = only !== undefined || low !== '' || high !== '';
  if (!isGiven || min > max || max > UINT32_MAX) throw errorAt(token, `invalid TTL '${text}' for a ttl rule`);
  return { min, max };
}

/** Names that only the Corefile knows. */
const RCODE_ALIASES: Readonly<Record<string, number>> = { NOTIMPL: Rcode.NOTIMP, DSOTYPENI: 11, BADSIG: 16 };
const RCODES: Readonly<Record<string, number>> = { ...Rcode, ...RCODE_ALIASES };

function readRcode(token: Token, role: 'matching' | 'replacement'): number {
  const { text } = token;
  if (/^\d+$/.test(text) && Number(text) <= Rcode.BADCOOKIE) return Number(text);
  const upper = text.toUpperCase();
  const rcode = Object.hasOwn(RCODES, upper) ? RCODES[upper] : undefined;
  if (rcode === undefined) throw errorAt(token, `invalid ${role} RCODE '${text}' for a rcode rule`);
  return rcode;
}
