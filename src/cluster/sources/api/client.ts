/** GET requests to the API server: bounded in time and size, with failures that say what is wrong. */
import * as http from 'node:http';
import * as https from 'node:https';
import { finished } from 'node:stream';
import { limits } from '../../../limits.ts';
import type { Json } from '../../trim.ts';
import type { Body } from './body.ts';
import type { ApiBounds } from './bounds.ts';
import type { Connection, Credentials } from './credentials.ts';
import { ApiFailure, failureOf, statusFailure, type Trouble } from './failure.ts';
import { isWrapped, PROTOBUF } from './protobuf/envelope.ts';
import { MESSAGES } from './protobuf/messages.ts';
import { readStatusMessage } from './protobuf/status.ts';
import { pathOf, type Resource } from './resources.ts';
import type { RestMetrics } from './rest-metrics.ts';

const JSON_TYPE = 'application/json';
/** Failures that newer credentials may mend. */
const CREDENTIAL_TROUBLES: ReadonlySet<Trouble> = new Set(['unauthorized', 'tls']);

export class ApiClient {
  readonly #credentials: Credentials;
  readonly #metrics: RestMetrics;
  readonly #userAgent: string;
  readonly #bounds: ApiBounds;
  readonly #httpAgent = new http.Agent({ keepAlive: true });
  readonly #httpsAgent = new https.Agent({ keepAlive: true });

  constructor(credentials: Credentials, metrics: RestMetrics, userAgent: string, bounds: ApiBounds) {
    this.#credentials = credentials;
    this.#metrics = metrics;
    this.#userAgent = userAgent;
    this.#bounds = bounds;
  }

  get server(): string {
    return this.#credentials.server;
  }

  /**
   * Fills the body with the answer.
   * @throws {ApiFailure} also where it has more than `pageBytes`
   */
  async get(resource: Resource, query: URLSearchParams, body: Body, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    const server = this.server;
    body.clear();
    try {
      const response = await this.open(resource, query, signal);
      await eachPiece(response, this.#bounds.requestMs, (piece) => {
        if (body.length + piece.length > this.#bounds.pageBytes) {
          throw new ApiFailure(
            'page-too-large',
            `a page of a list has more than ${this.#bounds.pageBytes} octets`,
          );
        }
        body.add(piece);
      });
    } finally {
      this.#metrics.took(performance.now() - begun, server);
    }
  }

  /**
   * Resolves at the headers of a 200 answer; its body is to be read with `eachPiece`.
   * @throws {ApiFailure} any other answer, or none
   */
  async open(resource: Resource, query: URLSearchParams, signal: AbortSignal): Promise<http.IncomingMessage> {
    const connection = await this.#connection(signal);
    try {
      const response = await this.#answer(connection, resource, query, signal);
      if (response.statusCode !== 200) throw await refusal(response, this.#bounds.requestMs);
      return response;
    } catch (error) {
      const failure = failureOf(error);
      if (CREDENTIAL_TROUBLES.has(failure.trouble)) this.#credentials.distrust();
      throw failure;
    }
  }

  close(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  /** Credentials may come from a program that hangs, so they have the time of a request. */
  #connection(signal: AbortSignal): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const late = () =>
      reject(new ApiFailure('credentials', 'the program that gives credentials does not answer'));
    const timer = setTimeout(late, this.#bounds.requestMs);
    signal.addEventListener('abort', late, { once: true });
    this.#credentials.connection().then(resolve, reject);
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
    });
  }

  async #answer(
    connection: Connection,
    resource: Resource,
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const url = new URL(`${connection.server}${pathOf(resource)}?${query}`);
    const options = {
      agent: url.protocol === 'https:' ? this.#httpsAgent : this.#httpAgent,
      ...connection.options,
      headers: {
        ...connection.options.headers,
        Accept: acceptFor(resource),
        'User-Agent': this.#userAgent,
      },
      signal,
    };
    try {
      const response = await sendUntilHeard(url, options, this.#bounds.requestMs);
      this.#metrics.answered(response.statusCode ?? 0, connection.server);
      return response;
    } catch (error) {
      this.#metrics.unanswered(connection.server);
      throw error;
    }
  }
}

/** Protocol Buffers where they can be read: an API server that does not write them answers in JSON. */
function acceptFor({ kind }: Resource): string {
  return MESSAGES[kind] === undefined ? JSON_TYPE : `${PROTOBUF}, ${JSON_TYPE}`;
}

/** A kept connection may be closed by the other side at any time: every turn but the last uses up one of those. */
async function sendUntilHeard(
  url: URL,
  options: https.RequestOptions,
  timeoutMs: number,
): Promise<http.IncomingMessage> {
  for (;;) {
    const response = await send(url, options, timeoutMs);
    if (response !== 'idle-connection-closed') return response;
  }
}

/** Resolves at the answer's headers. */
function send(
  url: URL,
  options: https.RequestOptions,
  timeoutMs: number,
): Promise<http.IncomingMessage | 'idle-connection-closed'> {
  const { promise, resolve, reject } = Promise.withResolvers<
    http.IncomingMessage | 'idle-connection-closed'
  >();
  const request = url.protocol === 'https:' ? https.get(url, options) : http.get(url, options);
  const late = () => request.destroy(new ApiFailure('stalled', `no answer within ${timeoutMs / 1000} s`));
  const timer = setTimeout(late, timeoutMs);
  request.on('socket', (socket) => socket.setKeepAlive(true, limits.apiKeepAliveMs));
  request.on('response', (response) => {
    clearTimeout(timer);
    resolve(response);
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    if (request.reusedSocket && error.code === 'ECONNRESET') resolve('idle-connection-closed');
    else reject(error);
  });
  return promise;
}

/**
 * Hands on the body piece by piece, to its end or until `take` fails; no promise for each, for a large cluster has thousands.
 * @throws {ApiFailure} nothing came for `silenceMs`, the connection broke, or what `take` throws
 */
export async function eachPiece(
  response: http.IncomingMessage,
  silenceMs: number,
  take: (piece: Buffer) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = () => response.destroy(new ApiFailure('stalled', `nothing came for ${silenceMs / 1000} s`));
  const timer = setTimeout(late, silenceMs);
  finished(response, (error) => (error ? reject(failureOf(error)) : resolve()));
  response.on('data', (piece: Buffer) => {
    timer.refresh();
    try {
      take(piece);
    } catch (error) {
      response.destroy(failureOf(error));
    }
  });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** @throws {ApiFailure} */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiFailure('bad-answer', `not JSON: ${failureOf(error).message}`);
  }
}

/** What a refused request failed with, in the words of the `Status` that comes along. */
async function refusal(response: http.IncomingMessage, silenceMs: number): Promise<ApiFailure> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    await eachPiece(response, silenceMs, (piece) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > limits.apiErrorBytes) response.destroy();
    });
  } catch {
    // The status alone says enough.
  }
  const says = statusMessage(Buffer.concat(pieces));
  return statusFailure(response.statusCode ?? 0, says, response.headers['retry-after']);
}

function statusMessage(octets: Buffer): string {
  if (isWrapped(octets)) return readStatusMessage(octets);
  const body = octets.toString('utf8');
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A proxy's words, perhaps a page of HTML: the status alone says more.
  }
  return body.startsWith('<') ? '' : body;
}
