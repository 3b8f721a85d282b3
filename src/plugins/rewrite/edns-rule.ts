/** `edns0 local|nsid|subnet ACTION ... [revert]`: options of the query that goes on. */
import { errorAt, type Token } from '../../corefile/ast.ts';
import { type DataSource, fixed, readLocalData, readSubnet } from './edns-data.ts';
import { type Action, change, remove, type Undo, withOptions } from './edns-options.ts';
import type { Apply, ResponseRule } from './rule.ts';

/** RFC 5001 §2.3. */
const NSID = 3;
/** RFC 7871 §6. */
const SUBNET = 8;

const ACTIONS = ['append', 'replace', 'set', 'unset'] as const;
const OPTION_KINDS = ['local', 'nsid', 'subnet'] as const;
type OptionKind = (typeof OPTION_KINDS)[number];

export interface EdnsRule {
  readonly apply: Apply;
  /** Of a `local` rule: options of this code come back to the client. */
  readonly ownCode: number | undefined;
}

/** @param warn told what is accepted and has no effect. @throws {CorefileError} */
export function readEdnsRule(field: Token, args: readonly Token[], warn: (line: string) => void): EdnsRule {
  const [kindToken, actionToken, ...rest] = args;
  if (kindToken === undefined || actionToken === undefined) {
    throw errorAt(args.at(-1) ?? field, 'too few arguments for an EDNS0 rule');
  }
  const action = ACTIONS.find((candidate) => candidate === actionToken.text.toLowerCase());
  if (action === undefined) throw errorAt(actionToken, `invalid action: "${actionToken.text.toLowerCase()}"`);
  const kind = OPTION_KINDS.find((candidate) => candidate === kindToken.text.toLowerCase());
  if (kind === undefined) throw errorAt(kindToken, `invalid rule type "${kindToken.text.toLowerCase()}"`);
  if (action === 'unset') return readUnset(kind, actionToken, rest);
  const reverts = rest.at(-1)?.text === 'revert';
  const values = reverts ? rest.slice(0, -1) : rest;
  const { code, source, appendsOnce } = readOption(kind, actionToken, values, warn);
  const apply = setting({ action, code, source, appendsOnce, reverts });
  return { apply, ownCode: kind === 'local' ? code : undefined };
}

function readUnset(kind: OptionKind, action: Token, rest: readonly Token[]): EdnsRule {
  const [codeToken, surplus] = rest;
  if (kind !== 'local') {
    if (codeToken !== undefined)
      throw errorAt(codeToken, `${kind} unset action requires exactly one argument`);
    return { apply: unsetting(kind === 'nsid' ? NSID : SUBNET), ownCode: undefined };
  }
  if (codeToken === undefined || surplus !== undefined) {
    throw errorAt(surplus ?? action, 'local unset action requires exactly two arguments');
  }
  const code = readCode(codeToken);
  return { apply: unsetting(code), ownCode: code };
}

function unsetting(code: number): Apply {
  return (draft) => {
    const { edns } = draft;
    if (edns?.options.some((option) => option.code === code)) {
      draft.edns = { ...edns, options: remove(edns.options, code) };
    }
    // Also where there was nothing to remove: so a stop rule stops.
    return [];
  };
}

interface OptionParts {
  readonly code: number;
  readonly source: DataSource;
  readonly appendsOnce: boolean;
}

function readOption(
  kind: OptionKind,
  action: Token,
  values: readonly Token[],
  warn: (line: string) => void,
): OptionParts {
  const [first, second, surplus] = values;
  if (kind === 'nsid') {
    if (first !== undefined) throw errorAt(first, 'EDNS0 NSID rules can accept no more than one arg');
    return { code: NSID, source: fixed(new Uint8Array()), appendsOnce: false };
  }
  if (first === undefined || second === undefined || surplus !== undefined) {
    throw errorAt(surplus ?? first ?? action, `EDNS0 ${kind} rules require three or four args`);
  }
  if (kind === 'subnet') return { code: SUBNET, source: readSubnet(first, second), appendsOnce: true };
  const code = readCode(first);
  const { source, isVariable } = readLocalData(second, warn);
  return { code, source, appendsOnce: isVariable };
}

interface Setting extends OptionParts {
  readonly action: Exclude<Action, 'unset'>;
  readonly reverts: boolean;
}

function setting({ action, code, source, appendsOnce, reverts }: Setting): Apply {
  return (draft) => {
    const data = source.of(draft);
    if (data === undefined) return undefined;
    const changed = change(draft.edns?.options ?? [], action, { code, data }, appendsOnce);
    if (changed === undefined) return undefined;
    draft.edns = withOptions(draft.edns, changed.options);
    draft.byClient ||= source.isByClient;
    return reverts ? [undoing(changed.undo)] : [];
  };
}

function undoing(undo: Undo): ResponseRule {
  return (reply) => ({ ...reply, ednsOptions: undo(reply.ednsOptions) });
}

/** A number as Go reads it: `65518`, `0xffee`, `0o17`, `017`, `0b1`. */
function readCode(token: Token): number {
  const { text } = token;
  const parse = (what: string) => errorAt(token, `strconv.ParseUint: parsing "${text}": ${what}`);
  const isNumber = /^(?:\d+|0x[\da-f]+|0b[01]+|0o[0-7]+)$/i.test(text) && !/^0\d*[89]/.test(text);
  if (!isNumber) throw parse('invalid syntax');
  const code = Number(text.replace(/^0(?=[0-7]+$)/, '0o'));
  if (code > 0xffff) throw parse('value out of range');
  return code;
}
