import { describe, expect, test } from 'vitest';
import { versionLines, zoneLines } from '../../src/cli/banner.ts';
import { parseCorefile } from '../../src/corefile/index.ts';
import { Server } from '../../src/server/server.ts';
import { PromMetrics } from '../../src/telemetry/prom-metrics.ts';
import { VERSION } from '../../src/version.ts';
import { recordingLogger } from '../support/logger.ts';
import { startServer } from '../support/server.ts';

/** Of a server that is set up and not started: nothing is bound. */
function linesOf(corefile: string): string[] {
  const { blocks } = parseCorefile(corefile, 'Corefile');
  return zoneLines(new Server(blocks, { dnsPort: 53, log: recordingLogger(), metrics: new PromMetrics() }));
}

describe('zones', () => {
  const table: [corefile: string, lines: string[]][] = [
    ['. {\n whoami\n}', ['.:53']],
    ['example.org {\n whoami\n}', ['example.org.:53']],
    ['Example.ORG:1053 {\n whoami\n}', ['example.org.:1053']],
    ['. {\n bind 127.0.0.1\n whoami\n}', ['.:53 on 127.0.0.1']],
    ['. {\n bind ::1\n whoami\n}', ['.:53 on ::1']],
    ['10.96.0.0/16 {\n whoami\n}', ['96.10.in-addr.arpa.:53']],
    // Sorted within a listener; listeners in the order of the file.
    ['org:1053 {\n whoami\n}\nnet, com {\n whoami\n}', ['org.:1053', 'com.:53', 'net.:53']],
    [
      'b, a {\n bind 127.0.0.1\n whoami\n}\nc {\n bind ::1\n whoami\n}',
      ['a.:53 on 127.0.0.1', 'b.:53 on 127.0.0.1', 'c.:53 on ::1'],
    ],
    [
      '_dmarc.example.org {\n whoami\n}',
      [
        '_dmarc.example.org.:53',
        'Warning: Domain "_dmarc.example.org." does not follow RFC1035 preferred syntax',
      ],
    ],
    // One warning for a name, however often it is served.
    [
      'a_b:53, a_b:54 {\n whoami\n}',
      ['a_b.:53', 'a_b.:54', 'Warning: Domain "a_b." does not follow RFC1035 preferred syntax'],
    ],
  ];
  test.each(table)('%j', (corefile, lines) => {
    expect(linesOf(corefile)).toEqual(lines);
  });

  test('the port that the kernel chose', async () => {
    await using running = await startServer('a:0, b:0 {\n bind 127.0.0.1\n whoami\n}');
    expect(zoneLines(running.server)).toEqual([
      `a.:${running.port} on 127.0.0.1`,
      `b.:${running.port} on 127.0.0.1`,
    ]);
    expect(running.port).toBeGreaterThan(0);
  });
});

test('version', () => {
  expect(versionLines()).toEqual([
    `CorviDNS-${VERSION}`,
    `${process.platform}/${process.arch}, node ${process.version}`,
  ]);
});
