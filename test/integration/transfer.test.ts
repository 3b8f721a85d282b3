/** The cluster's zone on its way to a secondary: dig and dns-packet as clients of a whole server over manifests. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { soa, transfer } from '../support/transfer.ts';
import { until } from '../support/until.ts';

const WORLD = new URL('world', import.meta.url).pathname;
const ZONE = 'cluster.local';
const TO_ALL = 'transfer {\n to *\n}';

async function start(manifests: string, more = TO_ALL): Promise<RunningServer> {
  const running = await startServer(`.:0 {
    bind 127.0.0.1
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      manifests ${manifests}
    }
    ${more}
  }`);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

/** The world's zone, without the SOA records at both ends and without `5 IN` and the zone in names. */
const CONTENT = `
@ NS ns.dns
ns.dns A 127.0.0.1
alias.prod.svc CNAME web.prod.svc
bare.empty.svc A 10.96.3.9
chain.data.svc CNAME alias.prod.svc
dangling.prod.svc CNAME nosuch.prod.svc
db.data.svc A 10.1.0.5
db.data.svc A 10.1.0.6
db-0.db.data.svc A 10.1.0.5
10-1-0-6.db.data.svc A 10.1.0.6
_pg._tcp.db.data.svc SRV 0 50 5432 db-0.db.data.svc
_pg._tcp.db.data.svc SRV 0 50 5432 10-1-0-6.db.data.svc
db-read.data.svc A 10.1.0.5
db-0.db-read.data.svc A 10.1.0.5
_pg._tcp.db-read.data.svc SRV 0 100 5432 db-0.db-read.data.svc
noendpoints.prod.svc A 10.96.3.6
noendpoints.prod.svc SRV 0 50 53 noendpoints.prod.svc
_dns._udp.noendpoints.prod.svc SRV 0 100 53 noendpoints.prod.svc
_dns-tcp._tcp.noendpoints.prod.svc SRV 0 100 53 noendpoints.prod.svc
nowhere.prod.svc CNAME nosuch.example.org.
outside.prod.svc CNAME api.example.com.
portless.data.svc A 10.1.0.9
lone.portless.data.svc A 10.1.0.9
ring-a.prod.svc CNAME ring-b.prod.svc
ring-b.prod.svc CNAME ring-a.prod.svc
self.prod.svc CNAME self.prod.svc
single.prod.svc A 10.96.3.5
single.prod.svc SRV 0 100 80 single.prod.svc
six.data.svc AAAA fd00:1::5
six.data.svc AAAA fd00:2::
fd00-1--5.six.data.svc AAAA fd00:1::5
fd00-2--0.six.data.svc AAAA fd00:2::
_http._tcp.six.data.svc SRV 0 50 8080 fd00-1--5.six.data.svc
_http._tcp.six.data.svc SRV 0 50 8080 fd00-2--0.six.data.svc
spread.data.svc A 10.1.2.1
spread.data.svc A 10.1.2.2
spread.data.svc A 10.1.2.3
twin.spread.data.svc A 10.1.2.1
twin.spread.data.svc A 10.1.2.3
10-1-2-2.spread.data.svc A 10.1.2.2
_api._tcp.spread.data.svc SRV 0 33 7000 twin.spread.data.svc
_api._tcp.spread.data.svc SRV 0 33 7000 10-1-2-2.spread.data.svc
web.prod.svc A 10.96.3.4
web.prod.svc AAAA fd00::34
web.prod.svc SRV 0 25 80 web.prod.svc
web.prod.svc SRV 0 25 9090 web.prod.svc
_http._tcp.web.prod.svc SRV 0 50 80 web.prod.svc
_metrics._tcp.web.prod.svc SRV 0 50 9090 web.prod.svc`
  .trim()
  .split('\n');

/** A record as dig or `read` write it, in the form of `CONTENT`. */
function short(record: string): string {
  return record
    .replaceAll(/\s+/g, ' ')
    .replace(/^cluster\.local\. /, '@ ')
    .replaceAll('.cluster.local.', '')
    .replace(/^(\S+) 5 IN /, '$1 ');
}

const SOA = /^@ SOA ns\.dns hostmaster (\d+) 7200 1800 86400 5$/;

/** Checks the SOA records at both ends; what is between them. */
function between(records: readonly string[]): string[] {
  const all = records.map(short);
  expect(all[0]).toMatch(SOA);
  expect(all.at(-1)).toBe(all[0]);
  return all.slice(1, -1);
}

function serialOf(records: readonly string[]): number {
  return Number(SOA.exec(short(records[0] ?? ''))?.[1]);
}

describe('content', () => {
  test('of every kind of Service', async () => {
    const { port } = await start(WORLD);
    const { records, messages } = await transfer(port, ZONE);
    expect(between(records)).toEqual(CONTENT);
    expect(messages).toHaveLength(1);
  });

  test('as dig takes it: AXFR, and IXFR from another serial', async ({ skip }) => {
    skip(spawnSync('dig', ['-v']).error !== undefined, 'dig is not installed');
    const { port } = await start(WORLD);
    for (const type of ['AXFR', 'IXFR=1']) {
      const args = ['@127.0.0.1', '-p', String(port), ZONE, ...type.split(' '), '+noall', '+answer'];
      const { stdout } = await promisify(execFile)('dig', args);
      expect(between(stdout.trim().split('\n').filter(isRecord))).toEqual(CONTENT);
    }
  });

  test('each record is also the answer to a query', async () => {
    const { port } = await start(WORLD);
    const { records } = await transfer(port, ZONE);
    for (const record of new Set(records)) {
      const [owner = '', , , type = ''] = record.split(' ');
      expect((await ask(port, owner, type)).answer, record).toContain(record);
    }
  });

  test('plugins around it leave it alone', async () => {
    const around = `
      header {
        response clear aa
        response set ra
      }
      rewrite name suffix cluster.local other.test
      rewrite type AXFR A
      cache
      loadbalance
      minimal
      any
      nsid test
      cancel
      errors
      log`;
    const { port, lines } = await start(WORLD, TO_ALL + around);
    for (let time = 0; time < 2; time++) {
      const { records, messages } = await transfer(port, ZONE);
      expect(between(records)).toEqual(CONTENT);
      expect(messages[0]?.flags).toBe(0x8400);
    }
    await until('both are logged', () => lines.filter((line) => line.includes('"AXFR')).length === 2);
  });
});

function isRecord(line: string): boolean {
  return line !== '' && !line.startsWith(';');
}

describe('who asks, for what', () => {
  const NONE = { rcode: 5, records: [] };

  test.each([
    ['a name in the middle of the zone', TO_ALL, 'svc.cluster.local', {}, NONE],
    ['a reverse zone', TO_ALL, 'in-addr.arpa', {}, NONE],
    ['a zone of nobody: no plugin is left', TO_ALL, 'example.com', {}, { rcode: 2, records: [] }],
    ['no transfer in the block', '', ZONE, {}, NONE],
    ['a stanza for another zone', 'transfer example.com {\n to *\n}', ZONE, {}, NONE],
    ['a client that is not in `to`', 'transfer {\n to 192.0.2.1\n}', ZONE, {}, NONE],
    ['a client that acl blocks', `${TO_ALL}\nacl {\n block type AXFR\n}`, ZONE, {}, NONE],
    ['IXFR without a SOA', TO_ALL, ZONE, { authorities: [] }, { rcode: 2, records: [] }],
  ])('%s', async (_what, more, zone, query, expected) => {
    const { port } = await start(WORLD, more);
    expect(await transfer(port, zone, query)).toMatchObject(expected);
  });

  test.each(['AXFR', 'IXFR'])('%s over UDP', async (type) => {
    const { port } = await start(WORLD);
    expect(await ask(port, ZONE, type)).toMatchObject({ rcode: 5, answer: [] });
  });

  test('IXFR: nothing new is a SOA alone, anything else the whole zone', async () => {
    const { port } = await start(WORLD);
    const serial = serialOf((await transfer(port, ZONE)).records);
    const upToDate = await transfer(port, ZONE, { serial });
    expect(upToDate.records.map(short)).toEqual([expect.stringMatching(SOA)]);
    expect(upToDate.messages[0]?.flags).toBe(0x8400);
    for (const other of [serial - 1, serial + 1, 0]) {
      expect(between((await transfer(port, ZONE, { serial: other })).records)).toEqual(CONTENT);
    }
    const { rcode } = await transfer(port, ZONE, { authorities: [soa(ZONE, serial), soa(ZONE, serial)] });
    // The header already says that it is no query.
    expect(rcode).toBe(1);
  });
});

describe('a large zone', () => {
  const SERVICES = 10_000;

  /** A folder with a JSON manifest of many Services, which `write` replaces at once. */
  function folder(): { readonly path: string; write(count: number, subnet: number): void } {
    const path = mkdtempSync(join(tmpdir(), 'corvidns-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return {
      path,
      write: (count, subnet) => {
        const draft = join(path, 'draft');
        writeFileSync(
          draft,
          JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects(count, subnet) }),
        );
        renameSync(draft, join(path, 'world.json'));
      },
    };
  }

  function objects(count: number, subnet: number): object[] {
    const services = Array.from({ length: count }, (_, n) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `service-${String(n).padStart(5, '0')}`, namespace: 'prod' },
      spec: { clusterIP: `10.${subnet}.${n >> 8}.${n & 255}` },
    }));
    return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } }, ...services];
  }

  const expected = (subnet: number) =>
    Array.from(
      { length: SERVICES },
      (_, n) => `service-${String(n).padStart(5, '0')}.prod.svc A 10.${subnet}.${n >> 8}.${n & 255}`,
    );

  test('comes in many messages', async () => {
    const { path, write } = folder();
    write(SERVICES, 1);
    const { port } = await start(path);
    const { records, messages } = await transfer(port, ZONE);
    expect(between(records).slice(2)).toEqual(expected(1));
    expect(messages.length).toBeGreaterThan(3);
  });

  test('once it has changed, the next transfer and IXFR have it as it is then', async () => {
    const { path, write } = folder();
    write(SERVICES, 1);
    const { port } = await start(path);
    const before = await transfer(port, ZONE);
    write(SERVICES, 2);
    const changed = 'service-09999.prod.svc.cluster.local. 5 IN A 10.2.39.15';
    await until(
      'the change is served',
      async () => (await ask(port, changed.split(' ')[0] ?? '', 'A')).answer[0] === changed,
    );
    const after = await transfer(port, ZONE, { serial: serialOf(before.records) - 1 });
    expect(between(after.records).slice(2)).toEqual(expected(2));
    expect(serialOf(after.records)).toBeGreaterThanOrEqual(serialOf(before.records));
  });
});
