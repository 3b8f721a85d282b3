/** How one upstream is spoken to, by the protocol that is wanted. */
import type { UpstreamEndpoint } from './addresses.ts';
import type { ForwardOptions } from './options.ts';
import { makeTransport } from './transport/make-transport.ts';
import type { ConnectionOptions, Transport } from './transport/transport.ts';

/** Upstreams of `tls://` and `https://` have one for both. */
export interface Transports {
  readonly udp: Transport;
  readonly tcp: Transport;
}

export function makeTransports(
  upstream: UpstreamEndpoint,
  { expireMs, maxAgeMs, maxIdleConns, sourceAddress, tls, dohMethod }: ForwardOptions,
  { pooled, sockets }: Pick<ConnectionOptions, 'pooled' | 'sockets'>,
): Transports {
  const connections = {
    ...{ upstream, expireMs, maxAgeMs, sourceAddress, pooled, sockets },
    maxIdleConnections: maxIdleConns,
  };
  const secured = { ...connections, tls: { ...tls, serverName: upstream.serverName } };
  switch (upstream.scheme) {
    case 'dns':
      return {
        udp: makeTransport({ ...connections, protocol: 'udp' }),
        tcp: makeTransport({ ...connections, protocol: 'tcp' }),
      };
    case 'tls':
      return forBoth(makeTransport({ ...secured, protocol: 'tcp-tls' }));
    case 'https': {
      const doh = { method: dohMethod, path: '/dns-query' };
      return forBoth(makeTransport({ ...secured, protocol: 'https', doh }));
    }
  }
}

function forBoth(transport: Transport): Transports {
  return { udp: transport, tcp: transport };
}
