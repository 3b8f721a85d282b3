/** CoreDNS's counters of what `acl` decides. */
import type { CounterChild, Labeled, Metrics } from '../../telemetry/metrics.ts';
import { EachCounter } from '../each-counter.ts';
import type { Action } from './options.ts';

/** There are no views. */
const VIEW = '';

export class AclMetrics {
  readonly #allowed: Labeled<CounterChild>;
  readonly #refused: Readonly<Record<Exclude<Action, 'allow'>, Labeled<CounterChild>>>;
  /** By listener. */
  readonly #allowedByServer = new Map<string, EachCounter>();

  constructor(metrics: Metrics) {
    const refused = (what: string) =>
      metrics.counter(`coredns_acl_${what}_requests_total`, `Counter of DNS requests being ${what}.`, [
        'server',
        'zone',
        'view',
      ]);
    this.#allowed = metrics.counter(
      'coredns_acl_allowed_requests_total',
      'Counter of DNS requests being allowed.',
      ['server', 'view'],
    );
    this.#refused = { block: refused('blocked'), filter: refused('filtered'), drop: refused('dropped') };
  }

  allowed(server: string): EachCounter {
    let counter = this.#allowedByServer.get(server);
    if (counter === undefined) {
      counter = new EachCounter(this.#allowed.labels(server, VIEW));
      this.#allowedByServer.set(server, counter);
    }
    return counter;
  }

  /** @param zone presentation form in lower case */
  refused(action: Exclude<Action, 'allow'>, server: string, zone: string): EachCounter {
    return new EachCounter(this.#refused[action].labels(server, zone, VIEW));
  }
}
