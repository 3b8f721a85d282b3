/**
 * An API server over real sockets: lists in pages, watches with versions, and every fault that a test asks for.
 * It keeps a log of changes, so that a watch gets exactly what came after its version.
 */
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Fault, type SeenRequest, status } from './faults.ts';
import { eventFrame, listOctets } from './protobuf/writer.ts';

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

interface Change {
  readonly path: string;
  readonly version: number;
  readonly type: string;
  readonly object: KubernetesObject;
}

interface Snapshot {
  readonly version: number;
  readonly objects: readonly KubernetesObject[];
}

interface Stream {
  readonly path: string;
  readonly response: http.ServerResponse;
  readonly protobuf: boolean;
  /** Writes nothing more: the connection looks alive. */
  stalled: boolean;
}

export const SERVICES = '/api/v1/services';
export const NAMESPACES = '/api/v1/namespaces';
export const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';
export const PODS = '/api/v1/pods';
export const IMPORTS = '/apis/multicluster.x-k8s.io/v1alpha1/serviceimports';

const KINDS: Readonly<Record<string, string>> = {
  ...{ [SERVICES]: 'Service', [NAMESPACES]: 'Namespace', [SLICES]: 'EndpointSlice', [PODS]: 'Pod' },
};
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const FIXTURES = new URL('../../../fixtures/tls/', import.meta.url);

export function fixture(name: string): string {
  return new URL(name, FIXTURES).pathname;
}

export class FakeApiServer {
  readonly seen: SeenRequest[] = [];
  /** Streams of watches that are open. */
  readonly streams = new Set<Stream>();
  /** Octets per HTTP chunk of a watch; 0 writes each line whole. */
  chunkBytes = 0;
  /** Whether it writes Protocol Buffers to who asks for them. */
  protobuf = false;
  /** How a version that is too old is refused. */
  goneAs: 'status' | 'event' = 'event';
  /** Paths that are not served. */
  readonly missing = new Set<string>();
  #port = 0;
  readonly #tls: boolean;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  readonly #faults: { path: string; watch: boolean; fault: Fault }[] = [];
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  readonly #snapshots = new Map<string, Snapshot>();
  #changes: Change[] = [];
  #version = 1;
  #compactedAt = 0;

  /** With `mutual` TLS only a client with the fixture's certificate is let in. */
  constructor(security: 'plain' | 'tls' | 'mutual' = 'plain') {
    this.#tls = security !== 'plain';
    const handle = (request: http.IncomingMessage, response: http.ServerResponse) =>
      this.#handle(request, response);
    this.#server = this.#tls
      ? https.createServer(
          {
            key: readFileSync(fixture('server.key')),
            cert: readFileSync(fixture('server.pem')),
            ca: readFileSync(fixture('ca.pem')),
            requestCert: security === 'mutual',
          },
          handle,
        )
      : http.createServer(handle);
    // Idle connections are the client's to close.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens; a second time on the same port as the first. */
  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => resolve());
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  put(path: string, object: KubernetesObject): void {
    const objects = this.#of(path);
    const type = objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamped(object);
    objects.set(keyOf(object), stored);
    this.#changed(path, type, stored);
  }

  delete(path: string, name: string, namespace = ''): void {
    const objects = this.#of(path);
    const object = objects.get(`${namespace}/${name}`);
    if (object === undefined) return;
    objects.delete(keyOf(object));
    this.#changed(path, 'DELETED', this.#stamped(object));
  }

  objects(path: string): KubernetesObject[] {
    return [...this.#of(path).values()];
  }

  /** Forgets the past: watches from before now, and lists that are under way, are refused as gone. */
  compact(): void {
    this.#version += 1;
    this.#compactedAt = this.#version;
    this.#changes = [];
    this.#snapshots.clear();
  }

  bookmark(path: string): void {
    const object = { metadata: { name: '', resourceVersion: String(this.#version) } };
    for (const stream of this.#streamsOf(path)) this.#tell(stream, 'BOOKMARK', object);
  }

  /** Writes to the open watches of a path as it is. */
  send(path: string, text: string): void {
    for (const stream of this.#streamsOf(path)) this.#write(stream, text);
  }

  /** Ends the open watches of a path as a time-out does. */
  endStreams(path: string): void {
    for (const stream of this.#streamsOf(path)) stream.response.end();
  }

  /** Cuts their connections. */
  breakStreams(path: string): void {
    for (const stream of this.#streamsOf(path)) stream.response.destroy();
  }

  stallStreams(path: string): void {
    for (const stream of this.#streamsOf(path)) stream.stalled = true;
  }

  /** The next list or watch of the path gets this instead; further faults queue up behind. */
  failNext(path: string, watch: 'list' | 'watch', fault: Fault): void {
    this.#faults.push({ path, watch: watch === 'watch', fault });
  }

  get pendingFaults(): number {
    return this.#faults.length;
  }

  lists(path: string): SeenRequest[] {
    return this.seen.filter((request) => request.path === path && !request.watch);
  }

  watches(path: string): SeenRequest[] {
    return this.seen.filter((request) => request.path === path && request.watch);
  }

  #handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://server');
    const watch = url.searchParams.get('watch') === 'true';
    const seen: SeenRequest = {
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      watch,
    };
    this.seen.push(seen);
    response.on('error', () => {});
    const index = this.#faults.findIndex((each) => each.path === seen.path && each.watch === watch);
    const [scripted] = index === -1 ? [] : this.#faults.splice(index, 1);
    if (scripted !== undefined) scripted.fault(seen, response);
    else this.answer(seen, response);
  }

  /** What the server says without faults: for those that only watch, or let a moment pass. */
  answer(request: SeenRequest, response: http.ServerResponse): void {
    if (this.missing.has(request.path)) response.writeHead(404).end('404 page not found\n');
    else if (request.watch) this.#watch(request, response);
    else this.#list(request, response);
  }

  #writesProtobuf({ path, headers }: SeenRequest): boolean {
    return this.protobuf && KINDS[path] !== undefined && headers.accept?.includes(PROTOBUF) === true;
  }

  #list(request: SeenRequest, response: http.ServerResponse): void {
    const { path, query } = request;
    const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
    const token = query.get('continue') ?? '';
    const [id = '', from = '0'] = token.split(':');
    const snapshot =
      token === '' ? { version: this.#version, objects: this.objects(path) } : this.#snapshots.get(id);
    if (snapshot === undefined) {
      status(410, 'The provided continue parameter is too old')(undefined, response);
      return;
    }
    const end = Number(from) + limit;
    const snapshotId = id || String(this.#snapshots.size + this.#version * 1000);
    if (end < snapshot.objects.length) this.#snapshots.set(snapshotId, snapshot);
    const metadata = {
      resourceVersion: String(snapshot.version),
      ...(end < snapshot.objects.length && { continue: `${snapshotId}:${end}` }),
    };
    const items = snapshot.objects.slice(Number(from), end);
    if (this.#writesProtobuf(request)) {
      const octets = listOctets(KINDS[path] ?? '', metadata, items);
      response.writeHead(200, { 'Content-Type': PROTOBUF }).end(octets);
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ metadata, items }));
    }
  }

  #watch(request: SeenRequest, response: http.ServerResponse): void {
    const { path, query } = request;
    const from = Number(query.get('resourceVersion'));
    if (from < this.#compactedAt) {
      this.#refuseAsGone(from, request, response);
      return;
    }
    const protobuf = this.#writesProtobuf(request);
    const stream: Stream = { path, response, protobuf, stalled: false };
    response.writeHead(200, {
      'Content-Type': protobuf ? `${PROTOBUF};stream=watch` : 'application/json',
    });
    response.flushHeaders();
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
    for (const change of this.#changes) {
      if (change.path === path && change.version > from) this.#tell(stream, change.type, change.object);
    }
  }

  #refuseAsGone(from: number, request: SeenRequest, response: http.ServerResponse): void {
    const message = `too old resource version: ${from}`;
    if (this.goneAs === 'status') {
      status(410, message)(undefined, response);
      return;
    }
    const object = { kind: 'Status', code: 410, reason: 'Expired', message };
    if (this.#writesProtobuf(request)) {
      response.writeHead(200, { 'Content-Type': `${PROTOBUF};stream=watch` });
      response.end(eventFrame('Status', 'ERROR', object));
      return;
    }
    response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
  }

  #changed(path: string, type: string, object: KubernetesObject): void {
    this.#changes.push({ path, version: this.#version, type, object });
    for (const stream of this.#streamsOf(path)) this.#tell(stream, type, object);
  }

  #tell(stream: Stream, type: string, object: KubernetesObject): void {
    if (stream.protobuf) this.#write(stream, eventFrame(KINDS[stream.path] ?? '', type, object));
    else this.#write(stream, `${JSON.stringify({ type, object })}\n`);
  }

  #write(stream: Stream, text: string | Buffer): void {
    if (stream.stalled) return;
    const octets = Buffer.from(text as string);
    const step = this.chunkBytes || octets.length;
    for (let start = 0; start < octets.length; start += step) {
      stream.response.write(octets.subarray(start, start + step));
    }
  }

  #streamsOf(path: string): Stream[] {
    return [...this.streams].filter((stream) => stream.path === path);
  }

  #of(path: string): Map<string, KubernetesObject> {
    const objects = this.#objects.get(path) ?? new Map<string, KubernetesObject>();
    this.#objects.set(path, objects);
    return objects;
  }

  #stamped(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
