/** `transfer`: whole zones for secondaries (AXFR, RFC 5936; IXFR, RFC 1995, answered with the whole zone). */
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Rcode, RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import { reasons } from '../../reasons.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Handler, Plugin, PluginFactory, Query, ZoneSource } from '../plugin.ts';
import { makeReply, type Reply } from '../reply.ts';
import { canonical, readStanza, type Stanza } from './options.ts';

const NAME = 'transfer';

export const transferPlugin: PluginFactory = {
  name: NAME,

  setup(directives, { zones, offers, log }): Plugin {
    const stanzas = directives.map((directive) => readStanza(directive, zones));
    for (const { source } of stanzas) {
      if (source !== undefined)
        log.warning(`source ${source.text} has no effect: no zone here sends notifications`);
    }
    return new Transfer(stanzas, offers.zoneSources, log);
  },
};

class Transfer implements Plugin {
  readonly name = NAME;
  readonly #stanzas: readonly Stanza[];
  readonly #sources: readonly ZoneSource[];
  readonly #log: Logger;
  #underWay = 0;

  constructor(stanzas: readonly Stanza[], sources: readonly ZoneSource[], log: Logger) {
    this.#stanzas = stanzas;
    this.#sources = sources;
    this.#log = log;
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    const { type, name } = query;
    if (type !== RrType.AXFR && type !== RrType.IXFR) return next(query);
    if (query.transport === 'udp') return refusal(Rcode.REFUSED, reasons.transferOverUdp);
    const stanza = longestMatch(this.#stanzas, name);
    if (stanza === undefined) return next(query);
    if (!admits(stanza, query)) return refusal(Rcode.REFUSED, reasons.transferDenied);
    const held = type === RrType.IXFR ? serialHeld(query) : 0;
    if (held === undefined) return refusal(Rcode.SERVFAIL, reasons.transferWithoutSerial);
    // A name in the middle of a zone is no zone.
    const source = this.#sources.find(({ origin }) => origin.equals(name));
    if (source === undefined) return next(query);
    const soa = source.soa();
    if (soa === undefined) return refusal(Rcode.SERVFAIL, reasons.notSynced);
    if (held !== 0 && held === serialOf(soa)) return this.#nothingNew(query, soa);
    if (this.#underWay >= limits.transfers) return refusal(Rcode.SERVFAIL, reasons.tooManyTransfers);
    return this.#whole(query, source, soa);
  }

  /** RFC 1995 §2: the SOA alone says that the client has the zone as it is. */
  #nothingNew(query: Query, soa: ResourceRecord): Reply {
    const what = `Outgoing noop, incremental transfer for up to date zone "${query.name}"`;
    this.#log.info(`${what} to ${query.client.address} for ${serialOf(soa)} SOA serial`);
    return makeReply({ aa: true, answer: [soa], plugin: NAME });
  }

  #whole(query: Query, source: ZoneSource, soa: ResourceRecord): Reply {
    this.#underWay++;
    let count = 0;
    // The zone is taken now; the generator runs later.
    const between = source.records();
    function* counted(): Generator<ResourceRecord> {
      for (const records of [[soa], between, [soa]]) {
        for (const record of records) {
          count++;
          yield record;
        }
      }
    }
    query.onSent(({ rcode }) => {
      this.#underWay--;
      const what = `${count} records of zone "${query.name}" to ${query.client.address}`;
      const serial = `for ${serialOf(soa)} SOA serial`;
      if (rcode === Rcode.NOERROR) this.#log.info(`Outgoing transfer of ${what} ${serial}`);
      else if (count > 0) this.#log.warning(`Outgoing transfer ended after ${what} ${serial}`);
    });
    return makeReply({ aa: true, transfer: counted(), plugin: NAME });
  }
}

function refusal(rcode: number, reason: Reply['reason']): Reply {
  return makeReply({ rcode, reason, plugin: NAME });
}

/** The stanza with the longest zone that holds the name; of equal ones the first. */
function longestMatch(stanzas: readonly Stanza[], name: Name): Stanza | undefined {
  let best: Stanza | undefined;
  let bestLabels = -1;
  for (const stanza of stanzas) {
    for (const zone of stanza.zones) {
      if (zone.labelCount <= bestLabels || !name.isWithin(zone)) continue;
      best = stanza;
      bestLabels = zone.labelCount;
    }
  }
  return best;
}

function admits({ to }: Stanza, { client }: Query): boolean {
  return to === 'everyone' || to.has(canonical(client.address));
}

/** RFC 1995 §3: the SOA that the client has stands in the authority section. */
function serialHeld({ message }: Query): number | undefined {
  const [soa, ...others] = message.authority;
  return soa?.data.kind === 'SOA' && others.length === 0 ? soa.data.serial : undefined;
}

function serialOf({ data }: ResourceRecord): number {
  return data.kind === 'SOA' ? data.serial : 0;
}
