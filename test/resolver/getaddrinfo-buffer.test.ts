import { expect, test } from 'vitest';
import { parseRecord } from '../../src/dns/index.ts';
import { walksFor } from '../../src/resolver/getaddrinfo-buffer.ts';

const NAME = 'web.shop.svc.cluster.local.';

/** Counted of glibc 2.36 itself, for a name of 27 characters. */
test.each([
  [1, 1],
  [24, 1],
  [25, 2],
  [50, 2],
  [51, 3],
  [101, 3],
  [102, 4],
])('%d addresses: %d walks', (addresses, walks) => {
  const records = Array.from({ length: addresses }, (_, at) =>
    parseRecord(at % 2 === 0 ? `${NAME} 30 A 10.1.0.${at}` : `${NAME} 30 AAAA fd00::${at}`),
  );
  const alias = parseRecord(`${NAME} 30 CNAME target.example.`);
  expect(walksFor(NAME, [alias, ...records])).toBe(walks);
});
