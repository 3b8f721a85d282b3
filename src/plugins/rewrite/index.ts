/** `rewrite`: asks another question than the client did, and makes the reply one to the client's. */
import { Rcode, RrType } from '../../dns/types.ts';
import type { Handler, Plugin, PluginFactory, Query } from '../plugin.ts';
import { echoedOptions, NEVER, type Reply, whenReplied } from '../reply.ts';
import { Draft } from './draft.ts';
import { IllegalName } from './names.ts';
import { type RewriteOptions, readOptions } from './options.ts';
import type { ResponseRule } from './rule.ts';

export const rewritePlugin: PluginFactory = {
  name: 'rewrite',

  setup(directives, { log }): Plugin {
    return new Rewrite(readOptions(directives, (line) => log.warning(line)));
  },
};

class Rewrite implements Plugin {
  readonly name = 'rewrite';
  readonly #options: RewriteOptions;

  constructor(options: RewriteOptions) {
    this.#options = options;
  }

  serve(asked: Query, next: Handler): Reply | Promise<Reply> {
    // A zone under another name is another zone: its records name it everywhere.
    if (asked.type === RrType.AXFR || asked.type === RrType.IXFR) return next(asked);
    const draft = new Draft(asked);
    const responseRules: ResponseRule[] = [];
    try {
      for (const { apply, stops } of this.#options.rules) {
        const rules = apply(draft);
        if (rules === undefined) continue;
        responseRules.push(...rules);
        if (stops) break;
      }
    } catch (error) {
      if (error instanceof IllegalName) return error.reply;
      throw error;
    }
    return this.#ask(draft, responseRules, next);
  }

  #ask(draft: Draft, rules: readonly ResponseRule[], next: Handler): Reply | Promise<Reply> {
    const query = draft.query();
    const { hasEdnsRules } = this.#options;
    if (query === draft.asked && rules.length === 0 && !hasEdnsRules) return next(query);
    const replied = whenReplied(next(query), (reply) => {
      if (reply.dropped) return reply;
      const shown = hasEdnsRules ? this.#withOptions(reply, draft) : reply;
      // What was changed last is changed back first.
      return rules.reduceRight<Reply | Promise<Reply>>((current, rule) => whenReplied(current, rule), shown);
    });
    return whenReplied(replied, (reply) => forClient(reply, draft));
  }

  /** The options of an upstream, or else those of the query as it went on; both stand in CoreDNS's replies. */
  #withOptions(reply: Reply, { asked, edns, byClient }: Draft): Reply {
    const { ownCodes } = this.#options;
    const sent = (edns?.options ?? []).filter(({ code }) => echoedOptions.has(code) || ownCodes.has(code));
    const isOwn = byClient || (asked.message.edns?.options.length ?? 0) > 0;
    return {
      ...reply,
      ednsOptions: reply.ednsOptions.length > 0 ? reply.ednsOptions : sent,
      validity: isOwn ? NEVER : reply.validity,
    };
  }
}

/** RFC 6891 §6.1.3: without EDNS there is no room for more than four bits. */
function forClient(reply: Reply, { asked }: Draft): Reply {
  return reply.rcode > 0xf && asked.message.edns === undefined ? { ...reply, rcode: Rcode.SERVFAIL } : reply;
}
