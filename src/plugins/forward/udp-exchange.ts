/** One question over UDP: a socket of its own, connected, so that its port is the kernel's choice and nobody else's. */
import { createSocket, type Socket } from 'node:dgram';
import type { Message } from '../../dns/message.ts';
import { addressText, type UpstreamAddress } from './addresses.ts';
import { type Exchange, ExchangeError, makeRequest, systemText } from './exchange.ts';

/** @throws {ExchangeError} by rejection: the network failed, or no answer came in time */
export function exchangeOverUdp({ upstream, request: message, timeoutMs }: Exchange): Promise<Message> {
  const request = makeRequest(message);
  const socket = createSocket(upstream.host.includes(':') ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const fail = (operation: string, text: string, timedOut = false) =>
    reject(new ExchangeError(`${operation} ${pathText(socket, upstream)}: ${text}`, timedOut));
  const timer = setTimeout(() => fail('read udp', 'i/o timeout', true), timeoutMs);
  // The kernel gives only what comes from the upstream's address and port (RFC 5452 §9.1); the rest is checked here.
  socket.on('message', (bytes) => {
    const reply = request.read(bytes);
    if (reply !== undefined) resolve(reply);
  });
  socket.on('error', (error) => fail('read udp', `read: ${systemText(error)}`));
  socket.connect(upstream.port, upstream.host, (error?: Error) => {
    if (error !== undefined) return fail('dial udp', `connect: ${systemText(error)}`);
    socket.send(request.bytes, (sendError) => {
      if (sendError !== null) fail('write udp', `write: ${systemText(sendError)}`);
    });
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** `10.0.0.2:4242->8.8.8.8:53`, or the upstream alone where there is no local address yet. */
function pathText(socket: Socket, upstream: UpstreamAddress): string {
  try {
    const { address, port } = socket.address();
    return `${addressText({ host: address, port })}->${addressText(upstream)}`;
  } catch {
    return addressText(upstream);
  }
}
