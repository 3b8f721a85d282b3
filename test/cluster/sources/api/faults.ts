/** What a test puts in the place of an answer. */
import type * as http from 'node:http';

export interface SeenRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly watch: boolean;
}

/** Answers a request in place of the server. */
export type Fault = (request: SeenRequest, response: http.ServerResponse) => void;

/** A refusal with a `Status` as body. */
export function status(code: number, message: string, headers: Record<string, string> = {}) {
  return (_request: unknown, response: http.ServerResponse): void => {
    const body = { kind: 'Status', status: 'Failure', message, code };
    response.writeHead(code, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

export function answer(text: string): Fault {
  return (_request, response) => void response.writeHead(200).end(text);
}

/** Headers, then this text, then the connection is cut. */
export function cutAfter(text: string): Fault {
  return (_request, response) => {
    response.writeHead(200);
    response.write(text, () => response.destroy());
  };
}

/** Not a word, with the connection open. */
export const silence: Fault = () => {};

/** The connection is cut without an answer. */
export const hangUp: Fault = (_request, response) => void response.destroy();
