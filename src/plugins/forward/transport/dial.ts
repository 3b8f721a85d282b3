/** Sockets to an upstream over TCP and TLS, and what to say where TLS fails. */
import { connect, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { addressText, type UpstreamAddress } from '../addresses.ts';
import { CertificateError, ExchangeError, systemText } from '../exchange.ts';
import type { ConnectionOptions, TlsOptions } from './transport.ts';

type Origin = Pick<ConnectionOptions, 'upstream' | 'sourceAddress'>;

export function dialTcp({ upstream: { host, port }, sourceAddress }: Origin): Socket {
  return connect({ host, port, noDelay: true, ...local(sourceAddress) });
}

export function dialTls(origin: Origin, tls: TlsOptions, alpn: string[], session?: Buffer): TLSSocket {
  const { host, port } = origin.upstream;
  const name = identityOf(origin.upstream, tls);
  const { ca, cert, key, serverName } = tls;
  const options = {
    ...{ host, port, ...local(origin.sourceAddress) },
    ...({ minVersion: 'TLSv1.2' } as const),
    ...(alpn.length === 0 ? {} : { ALPNProtocols: alpn }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(session === undefined ? {} : { session }),
    checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, certificate),
  };
  return connectTls(options).setNoDelay(true) as TLSSocket;
}

/** What the certificate must be for: a scope belongs to this machine, not to the address. */
export function identityOf({ host }: UpstreamAddress, { serverName }: TlsOptions): string {
  return serverName ?? host.replace(/%.*$/, '');
}

/** In one line: which upstream, and what is wrong with its certificate, its TLS, or the connection before. */
export function dialError(error: Error, socket: Socket, upstream: UpstreamAddress): ExchangeError {
  const { errno, syscall } = error as NodeJS.ErrnoException;
  const to = addressText(upstream);
  if ('authorizationError' in socket && socket.authorizationError !== null) {
    return new CertificateError(`tls: failed to verify certificate: ${error.message} (${to})`);
  }
  // OpenSSL's own short word for it, without numbers, routines and source files.
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  if (reason !== undefined) return new ExchangeError(`tls: ${reason} (${to})`);
  if (errno === undefined) return new ExchangeError(`tls: ${error.message} (${to})`);
  return new ExchangeError(`dial tcp ${to}: ${syscall ?? 'connect'}: ${systemText(error)}`);
}

function local(localAddress: string | undefined) {
  return localAddress === undefined ? {} : { localAddress };
}
