/**
 * corvidns and CoreDNS, one after the other, beside a real API server with 10 000 Services and 110 000 endpoints: time to ready, memory
 * at rest and at a new list of everything, processor time of changes. Prints a table.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ControlPlane, hasControlPlane } from '../test/cluster/control-plane/control-plane.ts';
import { Asker } from '../test/conformance/asker.ts';
import { ApiWriter, NAMESPACES, servicesOf, slicesOf } from '../test/proof/api-writer.ts';
import { answerOf } from '../test/proof/questions.ts';
import { isReady, type ServerName, startServer } from '../test/proof/servers.ts';
import { processSeconds, rssMiB } from '../test/support/process-figures.ts';

const SERVICES = Number(process.env.SCALE_SERVICES ?? 10_000);
/** Each of one EndpointSlice. */
const ENDPOINTS_PER_SERVICE = 11;
/** Every fifth is headless. */
const HEADLESS_EVERY = 5;
const SPACES = 50;
const CONNECTIONS = 32;
const CHANGES = 1000;
const SETTLE_MS = 8000;
const POLL_MS = 5;

if (!hasControlPlane(['coredns'])) {
  console.error(
    'No control plane here: `npm run peers` builds etcd, kube-apiserver, kube-controller-manager and CoreDNS',
  );
  process.exit(1);
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** As the image starts it, with a compile cache that is filled as the image's is. */
const FLAG = '--max-semi-space-size=4';
const bundle = here('../bundle/main.mjs');
const cache = mkdtempSync(join(tmpdir(), 'corvidns-scale-'));
process.on('exit', () => rmSync(cache, { recursive: true }));
execFileSync(process.execPath, [FLAG, here('../image/compile-cache.ts'), bundle, cache]);
const STARTED = { program: [process.execPath, FLAG, bundle], environment: { NODE_COMPILE_CACHE: cache } };

const spaceOf = (service: number) => `team-${service % SPACES}`;
const nameOf = (service: number) => `service-${service}`;
const isHeadless = (service: number) => service % HEADLESS_EVERY === 0;
const hostOf = (service: number) => `${nameOf(service)}.${spaceOf(service)}.svc.cluster.local`;

function serviceBody(service: number): object {
  return {
    ...{
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: nameOf(service), labels: { app: nameOf(service) } },
    },
    spec: {
      ...(isHeadless(service) && { clusterIP: 'None' }),
      ports: [
        { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 },
        { name: 'metrics', protocol: 'TCP', port: 9090, targetPort: 9090 },
      ],
    },
  };
}

/** As the endpointslice controller writes them for pods of a Deployment. */
function endpointsOf(service: number, generation: number): object[] {
  return Array.from({ length: ENDPOINTS_PER_SERVICE }, (_, nth) => {
    const number = service * ENDPOINTS_PER_SERVICE + nth;
    const second = nth === 0 ? 200 + generation : 100 + (number >> 16);
    const name = `${nameOf(service)}-6f7d8c9b5d-${number.toString(36).padStart(5, 'x')}`;
    return {
      addresses: [`10.${second}.${(number >> 8) & 255}.${number & 255}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${number % 500}`,
      zone: `zone-${number % 3}`,
      targetRef: {
        ...{ kind: 'Pod', namespace: spaceOf(service), name },
        uid: `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
      },
    };
  });
}

function sliceBody(service: number): object {
  return {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: {
      name: `${nameOf(service)}-x7k2p`,
      labels: { 'kubernetes.io/service-name': nameOf(service), app: nameOf(service) },
    },
    ports: [
      { name: 'http', protocol: 'TCP', port: 8080 },
      { name: 'metrics', protocol: 'TCP', port: 9090 },
    ],
    endpoints: endpointsOf(service, 0),
  };
}

/** Does it for all numbers below `count`, as many at a time as there are connections. */
async function forAll(count: number, each: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await each(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

async function fill(writer: ApiWriter): Promise<void> {
  await forAll(SPACES, (space) => {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${space}` } };
    return writer.write({ verb: 'create', collection: NAMESPACES, body });
  });
  await forAll(SERVICES, async (service) => {
    const space = spaceOf(service);
    await writer.write({ verb: 'create', collection: servicesOf(space), body: serviceBody(service) });
    await writer.write({ verb: 'create', collection: slicesOf(space), body: sliceBody(service) });
  });
}

/** The first endpoint of a headless Service gets another address. */
function change(writer: ApiWriter, service: number, generation: number): Promise<number> {
  const collection = slicesOf(spaceOf(service));
  const body = { endpoints: endpointsOf(service, generation) };
  return writer.write({ verb: 'merge', collection, name: `${nameOf(service)}-x7k2p`, body });
}

function addressOf(service: number, generation: number): string {
  const number = service * ENDPOINTS_PER_SERVICE;
  return `10.${200 + generation}.${(number >> 8) & 255}.${number & 255}`;
}

/** proc(5): VmHWM begins anew. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

async function poll(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(POLL_MS);
}

/** Asks for one name without a pause until the end; gives the longest wait for an answer, in milliseconds. */
async function slowestWhile(asker: Asker, work: () => Promise<void>): Promise<number> {
  let done = false;
  let slowest = 0;
  const watching = (async () => {
    while (!done) {
      const begun = performance.now();
      await answerOf(asker, `${hostOf(1)} A`);
      slowest = Math.max(slowest, performance.now() - begun);
      await sleep(1);
    }
  })();
  try {
    await work();
  } finally {
    done = true;
    await watching;
  }
  return slowest;
}

interface Row {
  readonly what: string;
  readonly values: number[];
}

const rows = new Map<string, Row>();

function note(what: string, value: number): void {
  const row = rows.get(what) ?? { what, values: [] };
  rows.set(what, row);
  row.values.push(value);
}

let generation = 0;

async function measure(name: ServerName, plane: ControlPlane, writer: ApiWriter): Promise<void> {
  const begun = performance.now();
  const server = await startServer(name, plane, STARTED);
  const { pid } = server.child;
  await poll(() => isReady(server));
  note('start to ready, s', (performance.now() - begun) / 1000);
  note('processor time of the start, s', processSeconds(pid));
  note('RSS peak until then, MiB', rssMiB(pid, 'VmHWM'));
  await sleep(SETTLE_MS);
  note('RSS at rest, MiB', rssMiB(pid, 'VmRSS'));
  await using asker = await Asker.open(server.dnsPort);
  await forAll(SERVICES, (service) => answerOf(asker, `${hostOf(service)} A`));
  await sleep(SETTLE_MS);
  note('RSS at rest, every name asked once, MiB', rssMiB(pid, 'VmRSS'));

  await changes(pid, asker, writer);
  await relist(pid, asker, plane, writer);
  await server.child.kill();
}

async function changes(pid: number, asker: Asker, writer: ApiWriter): Promise<void> {
  generation++;
  const before = processSeconds(pid);
  const begun = performance.now();
  await forAll(CHANGES, (at) => change(writer, at, generation));
  const last = Math.floor((CHANGES - 1) / HEADLESS_EVERY) * HEADLESS_EVERY;
  await sees(asker, last);
  note(`processor time of ${CHANGES} changes of an EndpointSlice, ms`, (processSeconds(pid) - before) * 1000);
  note('they took, s', (performance.now() - begun) / 1000);
}

async function sees(asker: Asker, service: number): Promise<void> {
  const address = addressOf(service, generation);
  await poll(async () => (await answerOf(asker, `${hostOf(service)} A`)).includes(`A ${address}`));
}

/** The API server comes back without its past: everything has to be listed again. */
async function relist(pid: number, asker: Asker, plane: ControlPlane, writer: ApiWriter): Promise<void> {
  // Its version is behind then, that of a kind without changes too.
  await writer.write({
    ...{ verb: 'create', collection: NAMESPACES },
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `relist-${generation}` } },
  });
  await plane.killApiServer();
  await plane.compact();
  forgetPeak(pid);
  const before = processSeconds(pid);
  generation++;
  const slowest = await slowestWhile(asker, async () => {
    await plane.startApiServer();
    await change(writer, 0, generation);
    await sees(asker, 0);
    await sleep(SETTLE_MS);
  });
  note('RSS peak at a new list of everything, MiB', rssMiB(pid, 'VmHWM'));
  note('RSS after it, MiB', rssMiB(pid, 'VmRSS'));
  note('processor time of the new list, s', processSeconds(pid) - before);
  note('slowest answer while it goes on, ms', slowest);
}

await using plane = await ControlPlane.start();
using writer = await ApiWriter.open(plane, CONNECTIONS);
const begun = performance.now();
await fill(writer);
console.log(
  `${SERVICES} Services, ${SERVICES * ENDPOINTS_PER_SERVICE} endpoints made in ${Math.round((performance.now() - begun) / 1000)} s\n`,
);
const servers: readonly ServerName[] = ['corvidns', 'CoreDNS'];
for (const name of servers) await measure(name, plane, writer);
const table = [
  `| | ${servers.join(' | ')} |`,
  '| --- | --- | --- |',
  ...[...rows.values()].map(
    ({ what, values }) =>
      `| ${what} | ${values.map((value) => value.toFixed(value < 10 ? 2 : 0)).join(' | ')} |`,
  ),
].join('\n');
mkdirSync('results', { recursive: true });
writeFileSync('results/scale.md', `${table}\n`);
console.log(table);
