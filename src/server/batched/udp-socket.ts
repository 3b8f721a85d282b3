/** UDP sockets of the C library: opened by the main thread, which also closes them; others read them by number. */
import { getSystemErrorName } from 'node:util';
import { parseAddress } from '../../dns/address.ts';
import { limits } from '../../limits.ts';
import type { Native } from '../../net/native.ts';
import { AF_INET, AF_INET6, socketName } from '../../net/socket-name.ts';
import type { Peer } from '../../plugins/plugin.ts';
import { errorCode, type ListenAddress } from '../listen-address.ts';
import { memoryOf } from '../memory.ts';
import { ENVELOPE, IP_PKTINFO, IPPROTO_IP, IPPROTO_IPV6 } from './envelope.ts';
import { MSG_DONTWAIT } from './message-header.ts';
import { peerAt } from './peer.ts';
import { ReceiveBatch } from './receive-batch.ts';

const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const SHUT_RD = 0;

export interface UdpSocket {
  readonly fd: number;
  readonly local: Peer;
}

export interface OpenOptions {
  /** Whether others bind the same address and port. */
  readonly isShared: boolean;
}

/**
 * The wildcard address takes IPv4 clients too; where the machine has no IPv6, it is IPv4 alone.
 * @throws {Error} with the `code` of the system's error
 */
export function openUdpSocket(native: Native, address: ListenAddress, options: OpenOptions): UdpSocket {
  if (address.host !== '')
    return open(native, address.host, address.port, { ...options, isWildcard: isWildcard(address.host) });
  try {
    return open(native, '::', address.port, { ...options, isWildcard: true });
  } catch (error) {
    if (errorCode(error) !== 'EAFNOSUPPORT' && errorCode(error) !== 'EADDRNOTAVAIL') throw error;
    return open(native, '0.0.0.0', address.port, { ...options, isWildcard: true });
  }
}

/**
 * Tries the calls: a sandbox may refuse them.
 * @returns the reason where it does
 */
export function refusal(native: Native): string | undefined {
  const fd = native.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return `socket: ${getSystemErrorName(-native.errno())}`;
  try {
    const batch = new ReceiveBatch(native, 1);
    const received = batch.receive(fd, MSG_DONTWAIT) < 0 ? getSystemErrorName(-native.errno()) : 'EAGAIN';
    if (received !== 'EAGAIN') return `recvmmsg: ${received}`;
    if (native.sendmmsg(fd, 0n, 0, MSG_DONTWAIT) < 0)
      return `sendmmsg: ${getSystemErrorName(-native.errno())}`;
    native.watch(fd, () => {}).end();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    native.close(fd);
  }
}

/** Wakes who is blocked in reading it: from now on it gives what has arrived, then nothing. Replies can still be sent. */
export function endReading(native: Native, fd: number): void {
  // It says that the socket is not connected, and does it all the same.
  native.shutdown(fd, SHUT_RD);
}

function isWildcard(host: string): boolean {
  return parseAddress(host)?.every((octet) => octet === 0) ?? false;
}

function open(
  native: Native,
  host: string,
  port: number,
  { isShared, isWildcard }: OpenOptions & { readonly isWildcard: boolean },
): UdpSocket {
  const isIpv6 = host.includes(':');
  const fd = succeed(native, native.socket(isIpv6 ? AF_INET6 : AF_INET, SOCK_DGRAM_CLOEXEC, 0));
  try {
    const set = (level: number, option: number, value: number) => setOption(native, fd, level, option, value);
    set(SOL_SOCKET, SO_RCVBUF, limits.udpReceiveBufferBytes);
    if (isShared) set(SOL_SOCKET, SO_REUSEPORT, 1);
    if (isIpv6) set(IPPROTO_IPV6, IPV6_V6ONLY, isWildcard ? 0 : 1);
    // RFC 2181 §4.1: a reply must come from the address that was asked.
    if (isWildcard && isIpv6) set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    if (isWildcard && !isIpv6) set(IPPROTO_IP, IP_PKTINFO, 1);
    const name = socketName({ host, port });
    succeed(native, native.bind(fd, name, name.byteLength));
    return { fd, local: localOf(native, fd) };
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

function setOption(native: Native, fd: number, level: number, option: number, value: number): void {
  const memory = new Int32Array([value]);
  succeed(native, native.setsockopt(fd, level, option, memory.buffer, memory.byteLength));
}

function localOf(native: Native, fd: number): Peer {
  const envelope = new ArrayBuffer(ENVELOPE.bytes);
  const length = new Uint32Array([ENVELOPE.nameBytes]);
  succeed(native, native.getsockname(fd, envelope, length.buffer));
  return peerAt(memoryOf(envelope), 0);
}

function succeed(native: Native, result: number): number {
  if (result >= 0) return result;
  const code = getSystemErrorName(-native.errno());
  throw Object.assign(new Error(code), { code });
}
