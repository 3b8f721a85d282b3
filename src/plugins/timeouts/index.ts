/** `timeouts`: how long TCP clients may take, and how many queries one of their connections may have. */
import { noArgs, onlyArg, parseDuration } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { durationText } from '../duration-text.ts';
import type { PluginFactory, TcpSettings } from '../plugin.ts';

const MIN_MS = 1_000;
const MAX_MS = 24 * 3_600_000;
/** `maxtcpqueries -1`. */
const UNLIMITED = -1;

export const timeoutsPlugin: PluginFactory = {
  name: 'timeouts',

  setup(directives, { settings }) {
    // What is said last counts.
    for (const directive of directives) settings.tcp = { ...settings.tcp, ...readSettings(directive) };
    return undefined;
  },
};

/** @throws {CorefileError} with CoreDNS's words */
function readSettings(directive: Directive): TcpSettings {
  noArgs(directive);
  if (!directive.block?.length) throw errorAt(directive.name, 'timeouts block with no timeouts specified');
  return Object.assign({}, ...directive.block.map(readSetting));
}

function readSetting(property: Directive): TcpSettings {
  switch (property.name.text) {
    case 'read':
      return { readMs: readTimeout(onlyArg(property)) };
    case 'write':
      return { writeMs: readTimeout(onlyArg(property)) };
    case 'idle':
      return { idleMs: readTimeout(onlyArg(property)) };
    case 'maxtcpqueries':
      return { queries: readQueries(onlyArg(property)) };
    default:
      throw errorAt(property.name, `unknown option: '${property.name.text}'`);
  }
}

/** A number alone is seconds. */
function readTimeout(token: Token): number {
  const { text } = token;
  const milliseconds = /^[+-]?\d+$/.test(text) ? Number(text) * 1_000 : readDuration(token);
  if (milliseconds >= MIN_MS && milliseconds <= MAX_MS) return milliseconds;
  const given = durationText(milliseconds);
  throw errorAt(token, `timeout provided '${given}' needs to be between 1 second and 24 hours`);
}

function readDuration(token: Token): number {
  try {
    return parseDuration(token);
  } catch {
    throw errorAt(token, `failed to parse duration '${token.text}'`);
  }
}

function readQueries(token: Token): number {
  const queries = /^[+-]?\d+$/.test(token.text) ? Number(token.text) : Number.NaN;
  if (queries === UNLIMITED) return Number.POSITIVE_INFINITY;
  if (queries >= 1) return queries;
  if (Number.isNaN(queries))
    throw errorAt(token, `invalid value for maxtcpqueries '${token.text}': not a number`);
  throw errorAt(
    token,
    `maxtcpqueries provided '${queries}' needs to be -1 (unlimited) or a positive integer`,
  );
}
