/** `log`: a line for every query. */
import { expectArgs, readProperties } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { Name } from '../../dns/name.ts';
import { finishing } from '../finishing.ts';
import type { Plugin, PluginFactory } from '../plugin.ts';
import { classify, type ReplyClass } from './classify.ts';
import { COMMON_FORMAT, compileFormat, type LineWriter } from './format.ts';

interface Rule {
  readonly scope: Name;
  readonly write: LineWriter;
  /** Undefined: every class. */
  readonly classes: ReadonlySet<ReplyClass> | undefined;
}

export const logPlugin: PluginFactory = {
  name: 'log',

  setup(directives, { plainLog }): Plugin {
    const rules = directives.flatMap(readRules);
    return finishing('log', (query, reply) => {
      // The first rule for the name decides alone, even where its classes say no.
      const rule = rules.find(({ scope }) => query.name.isWithin(scope));
      const isWanted = rule?.classes?.has(classify(query, reply)) ?? true;
      if (rule === undefined || !isWanted) return reply;
      query.onSent((sent) => {
        const milliseconds = performance.now() - sent.to.receivedAt;
        plainLog.info(rule.write({ query, reply, sent, milliseconds }));
      });
      return reply;
    });
  },
};

function readRules(directive: Directive): Rule[] {
  const { scopes, format } = readArguments(directive.args);
  const write = compileFormat(format);
  const classes = readClasses(directive);
  return scopes.map((scope) => ({ scope, write, classes }));
}

/** A single argument is always a name: only after a name is a text with `{` in it a format. */
function readArguments(args: readonly Token[]): { scopes: Name[]; format: string } {
  const last = args.at(-1);
  if (last === undefined) return { scopes: [Name.root], format: COMMON_FORMAT };
  const hasFormat = args.length > 1 && last.text.includes('{');
  const names = hasFormat ? args.slice(0, -1) : args;
  return { scopes: names.map(readName), format: hasFormat ? last.text : COMMON_FORMAT };
}

function readName(token: Token): Name {
  try {
    return Name.fromText(token.text);
  } catch (error) {
    throw errorAt(token, `'${token.text}' is not a name to log: ${(error as Error).message}`);
  }
}

const CLASSES = ['success', 'denial', 'error', 'all'] as const;

function readClasses(directive: Directive): ReadonlySet<ReplyClass> | undefined {
  const classes = new Set<ReplyClass>();
  let all = false;
  const readClass = (token: Token) => {
    const named = CLASSES.find((candidate) => candidate === token.text);
    if (named === undefined) throw errorAt(token, `invalid Class: ${token.text}`);
    if (named === 'all') all = true;
    else classes.add(named);
  };
  readProperties(directive, {
    class: (property) => expectArgs(property, { min: 1 }).forEach(readClass),
  });
  return all || classes.size === 0 ? undefined : classes;
}
