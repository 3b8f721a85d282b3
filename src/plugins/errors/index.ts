/** `errors`: a line in the log for every query that failed, alike ones together. */
import { expectArgs, noArgs, onlyOnce, parseDuration, readProperties } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { typeName } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { finishing } from '../finishing.ts';
import { compileGoRegexp } from '../go-regexp.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';
import { Consolidation } from './consolidate.ts';

const LEVELS = ['warning', 'error', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

export const errorsPlugin: PluginFactory = {
  name: 'errors',

  setup(directives, { settings, lifecycle, log }): Plugin {
    const directive = onlyOnce(directives);
    checkDestination(directive);
    const consolidations: Consolidation[] = [];
    readProperties(directive, {
      stacktrace: (property) => {
        noArgs(property);
        settings.stacktrace = true;
      },
      consolidate: (property) => {
        consolidations.push(readConsolidate(property, log));
      },
    });
    lifecycle.onShutdown(() => {
      for (const consolidation of consolidations) consolidation.stop();
    });
    return finishing('errors', (query, reply) => {
      if (reply.error !== undefined) report(query, reply, reply.error, consolidations, log);
      return reply;
    });
  },
};

function report(
  query: Query,
  reply: Reply,
  error: string,
  consolidations: readonly Consolidation[],
  log: Logger,
): void {
  const name = query.name.toString().toLowerCase();
  const line = `${reply.rcode} ${name} ${typeName(query.type)}: ${error}`;
  const consolidation = consolidations.find((candidate) => candidate.matches(error));
  if (consolidation === undefined) log.error(line);
  else consolidation.add(line);
}

function checkDestination(directive: Directive): void {
  const [destination] = expectArgs(directive, { min: 0, max: 1 });
  if (destination !== undefined && destination.text !== 'stdout') {
    throw errorAt(destination, `invalid log file: ${destination.text}`);
  }
}

function readConsolidate(property: Directive, log: Logger): Consolidation {
  const [period, expression, ...options] = expectArgs(property, { min: 2, max: 4 });
  if (period === undefined || expression === undefined) throw argumentError(property);
  const { level, showFirst } = readOptions(options);
  return new Consolidation({
    period: parseDuration(period),
    expression: expression.text,
    pattern: readPattern(expression),
    write: (line) => log[level](line),
    showFirst,
  });
}

function readPattern(token: Token): RegExp {
  const { length } = token.text;
  if (length > limits.consolidateRegexChars) {
    throw errorAt(token, `regex pattern too long: ${length} > ${limits.consolidateRegexChars}`);
  }
  try {
    return compileGoRegexp(token.text);
  } catch (error) {
    throw errorAt(token, (error as Error).message);
  }
}

function readOptions(options: readonly Token[]): { level: Level; showFirst: boolean } {
  let level: Level | undefined;
  let showFirst = false;
  for (const option of options) {
    const named = LEVELS.find((candidate) => candidate === option.text);
    if (named === undefined && option.text !== 'show_first') {
      throw errorAt(option, `unknown option in consolidate: ${option.text}`);
    }
    if (named === undefined) {
      showFirst = true;
      continue;
    }
    if (level !== undefined) throw errorAt(option, 'multiple log levels specified in consolidate');
    if (showFirst) throw errorAt(option, 'log level must come before show_first in consolidate');
    level = named;
  }
  return { level: level ?? 'error', showFirst };
}
