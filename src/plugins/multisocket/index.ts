/** `multisocket`: so many UDP sockets on one address and port, each read by a thread of its own. */
import { availableParallelism } from 'node:os';
import { expectArgs, noBlock } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import type { PluginFactory } from '../plugin.ts';

export const multisocketPlugin: PluginFactory = {
  name: 'multisocket',

  setup([first, second], { settings }) {
    if (second !== undefined) throw argumentError(second);
    settings.udpSockets = readSockets(first);
    return undefined;
  },
};

/** @throws {CorefileError} with CoreDNS's words */
function readSockets(directive: Directive): number {
  noBlock(directive);
  const [token] = expectArgs(directive, { min: 0, max: 1 });
  // One processor is left to the main thread.
  if (token === undefined) return Math.max(1, availableParallelism() - 1);
  const sockets = readInteger(token);
  if (sockets < 1) throw errorAt(token, `num sockets can not be zero or negative: ${sockets}`);
  if (sockets <= limits.multisocketSockets) return sockets;
  throw errorAt(token, `num sockets exceeds maximum (${limits.multisocketSockets}): ${sockets}`);
}

function readInteger(token: Token): number {
  const { text } = token;
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  const what = Number.isNaN(number) ? 'invalid syntax' : 'value out of range';
  throw errorAt(token, `invalid num sockets: strconv.Atoi: parsing "${text}": ${what}`);
}
