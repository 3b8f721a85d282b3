/** A question that the server asks itself, under a name that nobody else can know before it has left the server. */
import { randomBytes } from 'node:crypto';
import { Name } from '../../dns/name.ts';
import { RrClass, RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { Nameserver } from '../../resolver/conf.ts';
import { UdpLine } from '../../resolver/udp-line.ts';
import type { Query } from '../plugin.ts';

/** As in CoreDNS: the probe itself, and once more for an upstream that asks a second time of its own accord. */
const HARMLESS_SIGHTINGS = 2;

export class Probe {
  readonly name: Name;
  readonly #line: UdpLine;
  #sightings = 0;
  /** Set where no upstream has answered: then it says nothing that the probe did not come back. */
  hasFailed = false;

  /** @throws {PresentationError} the zone's name leaves no room for two labels more */
  constructor(zone: Name, server: Nameserver) {
    this.name = Name.fromLabels([randomLabel(), randomLabel()]).concat(zone);
    this.#line = new UdpLine(server, { ad: false, udpSize: undefined });
  }

  /** Asks, and waits for any reply, as long as `forward` may take for it. */
  async isAnswered(): Promise<boolean> {
    const question = { name: this.name, type: RrType.HINFO, class: RrClass.IN };
    const reply = await this.#line.ask(question, limits.loopReplyMs);
    return typeof reply === 'object';
  }

  is(query: Query): boolean {
    return query.type === RrType.HINFO && query.class === RrClass.IN && query.name.equals(this.name);
  }

  /** Counts the probe going by. Whether it has gone by so often that it goes round. */
  goesRound(): boolean {
    return ++this.#sightings > HARMLESS_SIGHTINGS;
  }

  end(): void {
    this.#line.close();
  }
}

/** Some 62 bits in decimal, as CoreDNS's probes have them. */
function randomLabel(): string {
  return String(randomBytes(8).readBigUInt64BE() >> 2n);
}
