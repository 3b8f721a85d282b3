/** HTTP/1.1, for upstreams without HTTP/2: a connection for each question. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { HttpReply, HttpRequest } from './http-request.ts';

/** The socket may still be dialling; it ends with the reply. Rejects with what went wrong. */
export async function askOverHttp1(
  socket: TLSSocket,
  host: string,
  { method, path, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpReply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest({
    ...{ method, path, signal, headers: { ...headers, host, connection: 'close' } },
    createConnection: () => socket,
  });
  request.on('response', resolve);
  request.on('error', reject);
  request.end(body);
  const response = await promise;
  return { status: response.statusCode ?? 0, headers: response.headers, body: response };
}
