/** `acl`: who may ask for what. */
import { isIP } from 'node:net';
import { CONSTANT } from '../../cluster/generation.ts';
import { Rcode } from '../../dns/types.ts';
import { type Reason, reasons } from '../../reasons.ts';
import type { Handler, Plugin, PluginFactory, Query } from '../plugin.ts';
import { forThisClient, makeReply, type Reply, type Validity, whenReplied } from '../reply.ts';
import { AclMetrics } from './metrics.ts';
import { type Action, type Policy, type Rule, readRule } from './options.ts';

/** RFC 8914 §2. */
const EXTENDED_ERROR = 15;
const ALWAYS: Validity = { kind: 'while', of: CONSTANT, generation: CONSTANT.current };

const refusals: Readonly<Record<Exclude<Action, 'allow'>, Reply>> = {
  block: makeReply({
    rcode: Rcode.REFUSED,
    ...explained(reasons.aclBlocked),
    validity: ALWAYS,
    plugin: 'acl',
  }),
  filter: makeReply({ ...explained(reasons.aclFiltered), validity: ALWAYS, plugin: 'acl' }),
  drop: makeReply({ dropped: true, reason: reasons.aclDropped, plugin: 'acl' }),
};

/** The reason, also for clients that use EDNS. */
function explained(reason: Reason): Partial<Reply> {
  return {
    reason,
    ednsOptions: [{ code: EXTENDED_ERROR, data: Uint8Array.of(reason.ede >> 8, reason.ede) }],
  };
}

export const aclPlugin: PluginFactory = {
  name: 'acl',

  setup(directives, { zones, metrics }): Plugin {
    return new Acl(
      directives.map((directive) => readRule(directive, zones)),
      new AclMetrics(metrics),
    );
  },
};

class Acl implements Plugin {
  readonly name = 'acl';
  readonly #rules: readonly Rule[];
  readonly #metrics: AclMetrics;

  constructor(rules: readonly Rule[], metrics: AclMetrics) {
    this.#rules = rules;
    this.#metrics = metrics;
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    let byClient = false;
    for (const { zones, policies } of this.#rules) {
      const zone = zones.find(({ name }) => query.name.isWithin(name));
      if (zone === undefined) continue;
      const decision = decide(policies, query);
      byClient ||= decision.byClient;
      const { action } = decision;
      if (action === 'allow') break;
      if (action === undefined) continue;
      this.#metrics.refused(action, query.server, zone.label).count(query);
      return byClient ? forThisClient(refusals[action]) : refusals[action];
    }
    this.#metrics.allowed(query.server).count(query);
    return byClient ? whenReplied(next(query), forThisClient) : next(query);
  }
}

interface Decision {
  /** Undefined: the rule has no policy for the query. */
  readonly action: Action | undefined;
  /** Whether it could be another for another client. */
  readonly byClient: boolean;
}

function decide(policies: readonly Policy[], { type, client }: Query): Decision {
  let byClient = false;
  for (const { action, types, nets } of policies) {
    if (types !== undefined && !types.has(type)) continue;
    if (nets !== undefined) {
      // Who cannot be told apart gets nothing.
      if (!byClient && isIP(client.address) === 0) return { action: 'block', byClient: true };
      byClient = true;
      if (!nets.has(client)) continue;
    }
    return { action, byClient };
  }
  return { action: undefined, byClient };
}
