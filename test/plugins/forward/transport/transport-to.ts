/** A transport to an upstream on loopback that counts what its pool does, and lets go at the end of the test. */
import { readFileSync } from 'node:fs';
import { makeTransport } from '../../../../src/plugins/forward/transport/make-transport.ts';
import type {
  ConnectionOptions,
  Protocol,
  TlsOptions,
  Transport,
} from '../../../../src/plugins/forward/transport/transport.ts';

export interface CountingTransport extends Transport, AsyncDisposable {
  /** `hit` or `miss` for each connection that a question took. */
  readonly taken: readonly string[];
}

interface Wanted extends Partial<Omit<ConnectionOptions, 'upstream' | 'pooled'>> {
  readonly protocol: Protocol;
  readonly port: number;
  readonly host?: string;
  readonly tls?: Partial<TlsOptions>;
  readonly method?: 'POST' | 'GET';
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url));
}

export function transportTo({ protocol, port, host = '127.0.0.1', ...wanted }: Wanted): CountingTransport {
  const taken: string[] = [];
  const options = {
    ...{ upstream: { host, port }, expireMs: 10_000, maxAgeMs: 0, maxIdleConnections: 0 },
    sourceAddress: undefined,
    ...wanted,
    pooled: (of: Protocol, hit: boolean) => taken.push(of === protocol ? (hit ? 'hit' : 'miss') : of),
    tls: { ca: fixture('ca.pem'), serverName: undefined, ...wanted.tls },
    doh: { method: wanted.method ?? 'POST', path: '/dns-query' },
  };
  const transport = makeTransport({ ...options, protocol });
  return {
    taken,
    exchange: (request, timeoutMs) => transport.exchange(request, timeoutMs),
    ask: (request, timeoutMs, asker) => transport.ask(request, timeoutMs, asker),
    close: () => transport.close(),
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}
