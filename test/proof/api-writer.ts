/** Writes to a real API server, many at a time: the bare requests, for thousands of changes. */
import { once } from 'node:events';
import * as https from 'node:https';
import type { ControlPlane } from '../cluster/control-plane/control-plane.ts';

export type Write =
  | { readonly verb: 'create'; readonly collection: string; readonly body: object }
  /** A merge patch (RFC 7386). */
  | { readonly verb: 'merge'; readonly collection: string; readonly name: string; readonly body: object }
  | { readonly verb: 'delete'; readonly collection: string; readonly name: string };

const METHODS = { create: 'POST', merge: 'PATCH', delete: 'DELETE' } as const;
const TYPES = {
  create: 'application/json',
  merge: 'application/merge-patch+json',
  delete: 'application/json',
};

export const servicesOf = (namespace: string) => `/api/v1/namespaces/${namespace}/services`;
export const slicesOf = (namespace: string) =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
export const NAMESPACES = '/api/v1/namespaces';

export class ApiWriter implements Disposable {
  readonly #url: string;
  readonly #options: https.RequestOptions;
  readonly #agent: https.Agent;

  private constructor(url: string, options: https.RequestOptions, agent: https.Agent) {
    this.#url = url;
    this.#options = options;
    this.#agent = agent;
  }

  static async open({ url, api }: ControlPlane, connections: number): Promise<ApiWriter> {
    const options: https.RequestOptions = {};
    await api.config.applyToHTTPSOptions(options);
    return new ApiWriter(url, options, new https.Agent({ keepAlive: true, maxSockets: connections }));
  }

  /**
   * Resolves when the API server has committed it; gives that moment, in milliseconds of `performance.now()`.
   * @throws where the server refuses, with its words
   */
  async write(write: Write): Promise<number> {
    const path = write.verb === 'create' ? write.collection : `${write.collection}/${write.name}`;
    const request = https.request(this.#url + path, {
      ...this.#options,
      agent: this.#agent,
      method: METHODS[write.verb],
      headers: { ...this.#options.headers, 'Content-Type': TYPES[write.verb] },
    });
    request.end(write.verb === 'delete' ? undefined : JSON.stringify(write.body));
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    const committedAt = performance.now();
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece);
    if ((response.statusCode ?? 0) >= 300) {
      throw new Error(`${write.verb} ${path}: ${Buffer.concat(pieces).toString()}`);
    }
    return committedAt;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
