import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/cluster/objects.ts';
import { PackedEndpoints } from '../../src/cluster/packed-endpoints.ts';
import { endpoint } from '../support/cluster.ts';

const text = (...values: string[]) => fc.constantFrom('', ...values);
const endpoints = fc.array(
  fc
    .record({
      addresses: fc.array(fc.constantFrom('10.1.0.1', '10.1.0.2', '250.0.0.1', 'fd00::1'), { maxLength: 3 }),
      hostname: text('one', 'Two'),
      pod: text('pod-1', 'pod-2'),
      zone: text('west'),
    })
    .map(endpoint),
  { maxLength: 4 },
);

/** Each address with the texts of its endpoint. */
function rowsOf(all: Iterable<Endpoint>, podNames: boolean): string[] {
  return [...all].flatMap(({ addresses, hostname, podName, zone }) =>
    addresses.map(({ text }) => [text, hostname, podNames ? podName : '', zone].join('/')),
  );
}

test('every address comes back with the texts of its endpoint', () => {
  fc.assert(
    fc.property(endpoints, fc.boolean(), (all, podNames) => {
      const packed = PackedEndpoints.of(all, podNames);
      expect(rowsOf(packed, true)).toEqual(rowsOf(all, podNames));
      expect(packed.keys).toEqual(all.flatMap(({ addresses }) => addresses.map(({ key }) => key)));
    }),
  );
});

test('two are equal where all that is kept is', () => {
  fc.assert(
    fc.property(endpoints, endpoints, fc.boolean(), (one, other, podNames) => {
      const equal = PackedEndpoints.of(one, podNames).equals(PackedEndpoints.of(other, podNames));
      expect(equal).toBe(rowsOf(one, podNames).join() === rowsOf(other, podNames).join());
    }),
  );
});
