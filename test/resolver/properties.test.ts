/** Whatever stands in a file or a name: it is read, and what is asked is bounded and can be asked. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Name } from '../../src/dns/index.ts';
import { candidates, parseResolvConf, podResolvConf } from '../../src/resolver/index.ts';

const word = fc.oneof(
  fc.constantFrom(
    'search',
    'domain',
    'nameserver',
    'options',
    'ndots:',
    'ndots:3',
    'attempts:0',
    'timeout:-1',
    '-rotate',
  ),
  fc.constantFrom('127.0.0.1', '::1%', 'fe80::1%eth0', '0x7f', '.', '..', 'a.b', '#', '\\', 'x'.repeat(70)),
  fc.string({ unit: 'binary' }),
);
const text = fc
  .array(
    fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
    { maxLength: 8 },
  )
  .map((lines) => lines.join('\n'));

test('no file and no name throws, and every candidate is a name', () => {
  fc.assert(
    fc.property(text, word, fc.constantFrom('1.2.3', '1.2.5'), (file, name, muslVersion) => {
      const readings = parseResolvConf(file);
      for (const libc of ['glibc', 'musl'] as const) {
        const { conf } = readings[libc];
        expect(conf.nameservers.length).toBeGreaterThan(0);
        expect(conf.nameservers.length).toBeLessThanOrEqual(3);
        expect(conf.ndots).toBeGreaterThanOrEqual(0);
        expect(conf.ndots).toBeLessThanOrEqual(15);
        const names = candidates(name, conf, libc, muslVersion);
        expect(names.length).toBeLessThanOrEqual(conf.search.length + 1);
        for (const candidate of names) expect(Name.fromText(candidate).toString()).toBe(candidate);
      }
    }),
  );
});

test('the file of a pod is read back as it was meant, whatever the host has', () => {
  fc.assert(
    fc.property(text, (hostConf) => {
      const pod = podResolvConf({ clusterDNS: ['10.96.0.10'], hostConf });
      const { conf } = parseResolvConf(pod.text).glibc;
      expect(conf.nameservers).toEqual([{ host: '10.96.0.10', port: 53 }]);
      expect(conf.ndots).toBe(5);
      expect(conf.search.slice(0, 3)).toEqual([
        'default.svc.cluster.local',
        'svc.cluster.local',
        'cluster.local',
      ]);
    }),
  );
});
