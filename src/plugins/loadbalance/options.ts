/** Reads the `loadbalance` directives of a block. */
import { onlyArg, parseDuration, readProperties } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { CorefileError } from '../../corefile/error.ts';
import { parseSubnet, type Subnet } from './subnet.ts';

export type PolicyOptions =
  | { readonly kind: 'round_robin' }
  | { readonly kind: 'weighted'; readonly file: string; readonly reloadMs: number };

export interface LoadbalanceOptions {
  readonly policy: PolicyOptions;
  readonly prefer: readonly Subnet[];
}

const RELOAD_MS = 30_000;

/** Of several directives the last says the policy; the subnets of all count. @throws {CorefileError} */
export function readOptions(directives: readonly Directive[]): LoadbalanceOptions {
  const prefer: Subnet[] = [];
  let policy: PolicyOptions = { kind: 'round_robin' };
  for (const directive of directives) {
    policy = readPolicy(directive);
    const readPrefer = (property: Directive) => void prefer.push(...property.args.map(readSubnet));
    if (policy.kind === 'round_robin') {
      readProperties(directive, { prefer: readPrefer });
    } else {
      const { file } = policy;
      let reloadMs = RELOAD_MS;
      readProperties(directive, {
        prefer: readPrefer,
        reload: (property) => {
          reloadMs = readReload(property);
        },
      });
      policy = { kind: 'weighted', file, reloadMs };
    }
  }
  return { policy, prefer };
}

function readPolicy({ args }: Directive): PolicyOptions {
  const [policy, file, extra] = args;
  if (policy === undefined) return { kind: 'round_robin' };
  if (policy.text === 'round_robin') {
    if (file !== undefined) throw errorAt(file, 'unknown property for round_robin');
    return { kind: 'round_robin' };
  }
  if (policy.text !== 'weighted') throw errorAt(policy, `unknown policy: ${policy.text}`);
  if (file === undefined) throw errorAt(policy, 'missing weight file argument');
  if (extra !== undefined) throw errorAt(extra, 'unexpected argument(s)');
  return { kind: 'weighted', file: file.text, reloadMs: RELOAD_MS };
}

function readReload(property: Directive): number {
  if (property.args.length === 0) throw errorAt(property.name, 'reload duration value is missing');
  if (property.args.length > 1) throw errorAt(property.name, 'unexpected argument');
  const token = onlyArg(property);
  const reloadMs = durationOf(token);
  if (reloadMs === undefined || reloadMs < 0) throw errorAt(token, `invalid reload duration '${token.text}'`);
  return reloadMs;
}

function durationOf(token: Token): number | undefined {
  try {
    return parseDuration(token);
  } catch (error) {
    if (error instanceof CorefileError) return undefined;
    throw error;
  }
}

function readSubnet(token: Token): Subnet {
  const subnet = parseSubnet(token.text);
  if (subnet === undefined) {
    throw errorAt(token, `invalid CIDR "${token.text}": invalid CIDR address: ${token.text}`);
  }
  return subnet;
}
