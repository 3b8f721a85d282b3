/** A pod's search, with a whole server: cluster, cache, acl and an upstream. The tests are the pod: 127.0.0.1 is its address. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RrType } from '../../src/dns/index.ts';
import { Name } from '../../src/dns/name.ts';
import { record } from '../../src/dns/record.ts';
import { Rcode } from '../../src/dns/types.ts';
import { type Libc, parseResolvConf, Resolver } from '../../src/resolver/index.ts';
import { answerTo, type Upstream, udpUpstream } from '../plugins/forward/upstreams.ts';
import { setLimits } from '../server/set-limits.ts';
import { ask } from '../support/ask.ts';
import { cleanUp, makeFolder } from '../support/program.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const CLUSTER = `
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: shop }
status: { phase: Running, podIP: 127.0.0.1 }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.1 }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: bank }
spec: { clusterIP: 10.96.0.2 }
---
apiVersion: v1
kind: Service
metadata: { name: out, namespace: shop }
spec: { type: ExternalName, externalName: www.example.org }
`;

function podOf(path: string, spec = ''): string {
  const [namespace, name] = path.split('/');
  return `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${spec} }
status: { phase: Running, podIP: 127.0.0.1 }
`;
}

const SOA = record(Name.root, 60, {
  kind: 'SOA',
  mname: Name.fromText('a.root.example.'),
  rname: Name.fromText('nstld.example.'),
  ...{ serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 },
});

/** `www.example.org` has an IPv4 address; `broken.example.org` is SERVFAIL; nothing else is there. */
function startUpstream(): Promise<Upstream> {
  return udpUpstream(({ message, send }) => {
    const [question] = message.questions;
    const name = question?.name.toString().toLowerCase();
    if (name === 'broken.example.org.') send(answerTo(message, { rcode: Rcode.SERVFAIL }));
    else if (name !== 'www.example.org.') {
      send(answerTo(message, { rcode: Rcode.NXDOMAIN, authority: [SOA] }));
    } else if (question?.type !== RrType.A) send(answerTo(message, { authority: [SOA] }));
    else {
      const answer = record(question.name, 60, { kind: 'A', address: Uint8Array.of(192, 0, 2, 1) });
      send(answerTo(message, { answer: [answer] }));
    }
  });
}

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
});
afterEach(cleanUp);

interface World {
  readonly running: RunningServer;
  /** Takes the place of the cluster's file. */
  write(text: string): void;
}

/** To be called within a test. */
async function startWorld(lines = 'autopath @kubernetes'): Promise<World> {
  // The file is right: nobody has to wait until the pod has been known for long.
  setLimits({ podCertainMs: 1 });
  const folder = makeFolder({ 'cluster.yaml': CLUSTER });
  const running = await startServer(`.:0 {
    bind 127.0.0.1
    prometheus 127.0.0.1:0
    log
    ${lines}
    cache 30
    kubernetes cluster.local {
      manifests ${folder}
      pods verified
    }
    forward . ${upstream.to}
  }`);
  return { running, write: (text) => writeFileSync(join(folder, 'cluster.yaml'), text) };
}

const PROBE = 'api.bank.shop.svc.cluster.local';
const isSearched = async ({ running }: World) => (await ask(running.port, PROBE, 'A')).answer.length === 2;
const certain = (world: World) => until('the client is certain', () => isSearched(world));
const uncertain = (world: World) => until('the client is uncertain', async () => !(await isSearched(world)));

const run = promisify(execFile);
const hasDig = spawnSync('dig', ['-v']).error === undefined;

/** Status, and the records of the answer with one space between fields. */
async function dig(port: number, ...question: readonly string[]): Promise<string[]> {
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', String(port), '+tries=1', ...question]);
  const [, status = ''] = /status: ([A-Z]+)/.exec(stdout) ?? [];
  const [, section = ''] = /;; ANSWER SECTION:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
  const records = section.split('\n').filter((line) => line !== '');
  return [status, ...records.map((line) => line.replaceAll(/\s+/g, ' '))];
}

describe.skipIf(!hasDig)('dig', () => {
  const rows: [question: string, expected: string[]][] = [
    ['web.shop.svc.cluster.local A', ['NOERROR', 'web.shop.svc.cluster.local. 5 IN A 10.96.0.1']],
    [
      'Api.Bank.Shop.svc.cluster.local A',
      [
        'NOERROR',
        'Api.Bank.Shop.svc.cluster.local. 5 IN CNAME Api.Bank.svc.cluster.local.',
        'Api.Bank.svc.cluster.local. 5 IN A 10.96.0.2',
      ],
    ],
    ['api.bank.shop.svc.cluster.local AAAA', ['NOERROR']],
    [
      'api.bank.svc.shop.svc.cluster.local A',
      [
        'NOERROR',
        'api.bank.svc.shop.svc.cluster.local. 5 IN CNAME api.bank.svc.cluster.local.',
        'api.bank.svc.cluster.local. 5 IN A 10.96.0.2',
      ],
    ],
    [
      'www.example.org.shop.svc.cluster.local A',
      [
        'NOERROR',
        'www.example.org.shop.svc.cluster.local. 30 IN CNAME www.example.org.',
        'www.example.org. 30 IN A 192.0.2.1',
      ],
    ],
    [
      'www.example.org.shop.svc.cluster.local AAAA',
      ['NOERROR', 'www.example.org.shop.svc.cluster.local. 30 IN CNAME www.example.org.'],
    ],
    [
      'out.shop.svc.cluster.local A',
      [
        'NOERROR',
        'out.shop.svc.cluster.local. 5 IN CNAME www.example.org.',
        'www.example.org. 5 IN A 192.0.2.1',
      ],
    ],
    ['nothing.example.org.shop.svc.cluster.local A', ['NXDOMAIN']],
    ['broken.example.org.shop.svc.cluster.local A', ['SERVFAIL']],
    ['www.example.org.bank.svc.cluster.local A', ['NXDOMAIN']],
    ['shop.svc.cluster.local A', ['NOERROR']],
    ['www.example.org A', ['NOERROR', 'www.example.org. 30 IN A 192.0.2.1']],
    // Another client: it is no pod.
    ['-b 127.0.0.2 www.example.org.shop.svc.cluster.local A', ['NXDOMAIN']],
    [
      `+tcp ${PROBE} A`,
      [
        'NOERROR',
        `${PROBE}. 5 IN CNAME api.bank.svc.cluster.local.`,
        'api.bank.svc.cluster.local. 5 IN A 10.96.0.2',
      ],
    ],
  ];
  test('gets each in one query', async () => {
    const world = await startWorld();
    await using running = world.running;
    await certain(world);
    for (const [question, expected] of rows) {
      // What is cached has had some seconds less to live.
      const got = (await dig(running.port, ...question.split(' '))).map((line) =>
        line.replace(/ [12]\d IN /, ' 30 IN '),
      );
      expect(got, question).toEqual(expected);
    }
  });
});

test('a search is one query to the log and the metrics, and its names are cached', async () => {
  const world = await startWorld();
  await using running = world.running;
  await certain(world);
  const name = 'www.example.org.shop.svc.cluster.local';
  const lines = () => running.lines.filter((line) => line.includes(`"A IN ${name}. `));
  const before = upstream.requests.length;
  for (let times = 0; times < 3; times++) expect((await ask(running.port, name, 'A')).answer).toHaveLength(2);
  await until('three lines', () => lines().length === 3);
  const asked = upstream.requests.slice(before).map(({ questions }) => String(questions[0]?.name));
  expect(asked.filter((each) => each === 'www.example.org.')).toHaveLength(1);
  const text = await running.metrics.exposition();
  const value = (metric: string) => Number(new RegExp(`^${metric}\\{[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1]);
  // The probes of the start are among them.
  const queries = running.lines.filter((line) => line.includes(' IN ')).length;
  expect(value('coredns_dns_requests_total')).toBe(queries);
  expect(value('coredns_autopath_success_total')).toBe(4);
});

test('acl decides on each name of the search', async () => {
  const blocked = (zone: string) => `acl ${zone} {\n block\n}`;
  const rows: [acl: string, name: string, rcode: number][] = [
    [blocked('example.org'), 'www.example.org.shop.svc.cluster.local', Rcode.REFUSED],
    [blocked('example.org'), PROBE, Rcode.NOERROR],
    [
      blocked('www.example.org.shop.svc.cluster.local'),
      'www.example.org.shop.svc.cluster.local',
      Rcode.REFUSED,
    ],
    [blocked('svc.cluster.local'), 'www.example.org.shop.svc.cluster.local', Rcode.REFUSED],
  ];
  for (const [acl, name, rcode] of rows) {
    await using running = (await startWorld(`autopath @kubernetes\n${acl}`)).running;
    // While the client is not certain, the first name alone is asked: NXDOMAIN, where it is not blocked.
    await until(
      `${rcode} for ${name} with ${acl}`,
      async () => (await ask(running.port, name, 'A')).rcode === rcode,
    );
  }
});

describe('the client', () => {
  const changes: [what: string, text: string][] = [
    ['another pod has its address too', `${CLUSTER}---${podOf('bank/other')}`],
    ['its pod is gone', CLUSTER.replace('127.0.0.1', '10.1.0.1')],
    [
      'its pod is on its way out',
      CLUSTER.replace('name: client,', "name: client, deletionTimestamp: '2026-01-01T00:00:00Z',"),
    ],
    ['its pod has ended', CLUSTER.replace('Running', 'Succeeded')],
    [
      'its address is one of the host',
      `${CLUSTER.replace('127.0.0.1', '10.1.0.1')}---${podOf('shop/host', 'hostNetwork: true')}`,
    ],
    [
      'its pod has domains of its own',
      CLUSTER.replace('127.0.0.1', '10.1.0.1') +
        `---${podOf('shop/own', 'dnsConfig: { searches: [corp.example] }')}`,
    ],
    [
      'its pod is of another namespace',
      `${CLUSTER.replace('127.0.0.1', '10.1.0.1')}---${podOf('bank/other')}`,
    ],
  ];
  test.each(changes)('is not searched for where %s', async (_what, text) => {
    const world = await startWorld();
    await using running = world.running;
    await certain(world);
    world.write(text);
    await uncertain(world);
    // The rest is answered as ever.
    expect((await ask(running.port, 'web.shop.svc.cluster.local', 'A')).answer).toHaveLength(1);
    expect((await ask(running.port, PROBE, 'A')).rcode).toBe(Rcode.NXDOMAIN);
  });

  test('whose address was used again has the path of its namespace', async () => {
    const world = await startWorld();
    await using running = world.running;
    await certain(world);
    world.write(`${CLUSTER.replace('127.0.0.1', '10.1.0.1')}---${podOf('bank/other')}`);
    const name = 'web.shop.bank.svc.cluster.local';
    await until('the new path', async () => (await ask(running.port, name, 'A')).answer.length === 2);
    expect((await ask(running.port, PROBE, 'A')).rcode).toBe(Rcode.NXDOMAIN);
  });
});

test('autopath of a file is for every client', async () => {
  const file = join(
    makeFolder({ 'resolv.conf': 'search shop.svc.cluster.local svc.cluster.local\n' }),
    'resolv.conf',
  );
  await using running = (await startWorld(`autopath ${file}`)).running;
  const { answer } = await ask(running.port, PROBE, 'A');
  expect(answer).toEqual([
    `${PROBE}. 5 IN CNAME api.bank.svc.cluster.local.`,
    'api.bank.svc.cluster.local. 5 IN A 10.96.0.2',
  ]);
});

describe('what a program gets', () => {
  const NAMES = [
    'web',
    'web.shop',
    'api.bank',
    'api.bank.svc',
    'www.example.org',
    'out',
    'nothing.example.org',
    'bank',
    'api',
  ];

  function resolver(port: number, libc: Libc): Resolver {
    const { conf } = parseResolvConf(
      'search shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n',
    )[libc];
    return new Resolver({ conf: { ...conf, nameservers: [{ host: '127.0.0.1', port }] }, libc });
  }

  async function lookUp(port: number, libc: Libc, name: string) {
    const { outcome, records, libcError, candidates } = await resolver(port, libc).resolve(name, 'A+AAAA');
    const addresses = records.filter(({ type }) => type !== RrType.CNAME).map(({ data }) => data);
    return { got: { outcome, addresses, libcError }, candidates: candidates.length };
  }

  test.each(['glibc', 'musl'] as const)(
    'that is linked to %s is the same, with one candidate where it is found',
    async (libc) => {
      const world = await startWorld();
      await using running = world.running;
      await using plain = (await startWorld('')).running;
      await certain(world);
      const counts: Record<string, [number, number]> = {};
      for (const name of NAMES) {
        const found = await lookUp(running.port, libc, name);
        const foundAlone = await lookUp(plain.port, libc, name);
        expect(found.got, name).toEqual(foundAlone.got);
        counts[name] = [found.candidates, foundAlone.candidates];
      }
      expect(counts).toMatchObject({
        web: [1, 1],
        'web.shop': [1, 2],
        'api.bank.svc': [1, 3],
        'www.example.org': [1, 4],
        'nothing.example.org': [4, 4],
      });
    },
  );
});
