/** Where replies go that are waited for, whatever comes and goes in between. */
import { expect, test } from 'vitest';
import { Destinations } from '../../../src/server/batched/destinations.ts';
import { ENVELOPE } from '../../../src/server/batched/envelope.ts';
import { memoryOf } from '../../../src/server/memory.ts';

test('each place has what was kept there, also where others were there before', () => {
  const destinations = new Destinations();
  const keep = (number: number) => {
    const memory = memoryOf(new ArrayBuffer(2 * ENVELOPE.bytes));
    memory.words.fill(number, ENVELOPE.words);
    return destinations.keep(number, memory, ENVELOPE.bytes);
  };
  const taken = (place: number) => {
    const found = new Set<number>();
    destinations.take(place, (fd, { words }, at) => {
      for (const word of [fd, ...words.subarray(at >> 2, (at >> 2) + ENVELOPE.words)]) found.add(word);
    });
    return [...found];
  };
  const places = Array.from({ length: 1000 }, (_, number) => keep(number));
  expect(new Set(places).size).toBe(places.length);
  for (let number = 1; number < 1000; number += 2) expect(taken(places[number] ?? -1)).toEqual([number]);
  const later = Array.from({ length: 500 }, (_, nth) => keep(10_000 + nth));
  expect(new Set([...places, ...later]).size).toBe(places.length);
  for (let number = 0; number < 1000; number += 2) expect(taken(places[number] ?? -1)).toEqual([number]);
  for (const [nth, place] of later.entries()) expect(taken(place)).toEqual([10_000 + nth]);
});
