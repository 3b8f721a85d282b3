/** A plugin for tests of transfers: offers one zone of as many addresses as a test says. */
import { Name } from '../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../src/dns/record.ts';
import { Rcode } from '../../src/dns/types.ts';
import type { PluginFactory } from '../../src/plugins/plugin.ts';
import { failure, makeReply } from '../../src/plugins/reply.ts';
import { reasons } from '../../src/reasons.ts';

export interface TestZone {
  readonly factory: PluginFactory;
  /** How many of its addresses were read so far, over all transfers. */
  read: number;
  serial: number;
  isKnown: boolean;
  /** Thrown in place of the address of this number. */
  readonly fault: { at: number; error: Error };
}

export const ORIGIN = Name.fromText('big.test.');

/** @param size addresses: `h0.big.test. A 0.0.0.0` and so on; any other query of the zone is answered NOERROR */
export function testZone(size: number): TestZone {
  const zone: TestZone = {
    read: 0,
    serial: 7,
    isKnown: true,
    fault: { at: -1, error: new Error('the zone broke') },
    factory: {
      name: 'zone',
      setup: (_directives, { offers }) => {
        offers.zoneSources.push({
          origin: ORIGIN,
          soa: () => (zone.isKnown ? soaRecord(zone.serial) : undefined),
          records: () => addresses(zone, size),
        });
        return {
          name: 'zone',
          serve: (query) =>
            query.type === 1 ? makeReply({ aa: true }) : failure(Rcode.REFUSED, reasons.transferRefused),
        };
      },
    },
  };
  return zone;
}

function* addresses(zone: TestZone, size: number): Generator<ResourceRecord> {
  for (let n = 0; n < size; n++) {
    if (n === zone.fault.at) throw zone.fault.error;
    zone.read++;
    yield record(Name.fromText(`h${n}.big.test.`), 5, { kind: 'A', address: addressOf(n) });
  }
}

function addressOf(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

function soaRecord(serial: number): ResourceRecord {
  const names = { mname: Name.fromText('ns.big.test.'), rname: Name.fromText('root.big.test.') };
  return record(ORIGIN, 5, { kind: 'SOA', ...names, serial, refresh: 1, retry: 1, expire: 1, minimum: 1 });
}

/** Large, for a whole server: `withZone` puts it behind the real plugins. */
export const largeZone = testZone(200_000);

export async function withZone(original: () => Promise<unknown>): Promise<object> {
  const real = (await original()) as typeof import('../../src/plugins/order.ts');
  const factories = [...real.factories, largeZone.factory];
  return { ...real, factories, known: new Set(factories.map(({ name }) => name)) };
}
