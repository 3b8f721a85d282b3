/** The transport of a protocol. */
import type { Connection } from './connection.ts';
import { DgramConnection } from './dgram-connection.ts';
import { dialTcp, dialTls } from './dial.ts';
import { HttpsTransport } from './https-transport.ts';
import { PooledTransport } from './pooled-transport.ts';
import { StreamConnection } from './stream-connection.ts';
import type { ConnectionOptions, TlsOptions, Transport, TransportOptions } from './transport.ts';
import { UdpConnection } from './udp-connection.ts';

export function makeTransport(options: TransportOptions): Transport {
  const { upstream } = options;
  switch (options.protocol) {
    case 'udp':
      return new PooledTransport('udp', options, () => openUdp(options));
    case 'tcp':
      return new PooledTransport('tcp', options, () => new StreamConnection(upstream, dialTcp(options)));
    case 'tcp-tls':
      return overTls(options, options.tls);
    case 'https':
      return new HttpsTransport(options, options.tls, options.doh);
  }
}

function openUdp({ sockets, upstream, sourceAddress }: ConnectionOptions): Connection {
  return sockets === undefined
    ? new DgramConnection(upstream, sourceAddress)
    : new UdpConnection(sockets, upstream, sourceAddress);
}

/** RFC 7858; a session of the upstream makes the next handshake shorter (§3.4). */
function overTls(options: ConnectionOptions, tls: TlsOptions): Transport {
  let session: Buffer | undefined;
  return new PooledTransport('tcp-tls', options, () => {
    // Without ALPN, as CoreDNS: a server that knows other protocols only may refuse `dot`.
    const socket = dialTls(options, tls, [], session);
    socket.on('session', (made) => {
      if (socket.authorized) session = made;
    });
    return new StreamConnection(options.upstream, socket);
  });
}
