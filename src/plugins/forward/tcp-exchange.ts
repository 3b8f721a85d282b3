/** One question over TCP: a connection of its own. */
import { connect, type Socket } from 'node:net';
import type { Message } from '../../dns/message.ts';
import { FrameReader, frame } from '../../dns/wire/frames.ts';
import { addressText } from './addresses.ts';
import { type Exchange, ExchangeError, makeRequest, systemText } from './exchange.ts';

/** @throws {ExchangeError} by rejection: the network failed, the upstream hung up, or no answer came in time */
export function exchangeOverTcp({ upstream, request: message, timeoutMs }: Exchange): Promise<Message> {
  const request = makeRequest(message);
  const frames = new FrameReader();
  const socket = connect({ host: upstream.host, port: upstream.port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  let where = `dial tcp ${addressText(upstream)}`;
  const fail = (text: string, timedOut = false) => reject(new ExchangeError(`${where}: ${text}`, timedOut));
  const timer = setTimeout(() => fail('i/o timeout', true), timeoutMs);
  socket.on('connect', () => {
    // A socket that failed does not know its address any more.
    where = `read tcp ${localText(socket)}->${addressText(upstream)}`;
    socket.write(frame(request.bytes));
  });
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of frames.push(chunk)) {
      const reply = request.read(bytes);
      if (reply !== undefined) resolve(reply);
    }
  });
  socket.on('error', (error) => {
    const { syscall = 'read' } = error as NodeJS.ErrnoException;
    fail(`${syscall}: ${systemText(error)}`);
  });
  socket.on('end', () => fail('EOF'));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function localText({ localAddress = '', localPort = 0 }: Socket): string {
  return addressText({ host: localAddress, port: localPort });
}
