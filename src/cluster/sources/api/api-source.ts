/** The cluster as the Kubernetes API server tells it: one reflector per resource. */
import type { Logger } from '../../../telemetry/logger.ts';
import type { Metrics } from '../../../telemetry/metrics.ts';
import type { ClusterSink, ClusterSource } from '../../source.ts';
import { type ApiBounds, defaultBounds } from './bounds.ts';
import { ApiClient } from './client.ts';
import { Credentials } from './credentials.ts';
import type { Access, PodSurroundings } from './identity.ts';
import { Reflector } from './reflector.ts';
import { resourcesFor, type Selection } from './resources.ts';
import { RestMetrics } from './rest-metrics.ts';

export type ApiSourceOptions = Access & Selection;

export interface ApiSourceParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The program's version, for the User-Agent. */
  readonly version: string;
  readonly bounds?: ApiBounds;
  readonly pod?: PodSurroundings;
}

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Started once and stopped once. */
export class ApiSource implements ClusterSource {
  readonly #options: ApiSourceOptions;
  readonly #parts: ApiSourceParts;
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];
  #client: ApiClient | undefined;

  constructor(options: ApiSourceOptions, parts: ApiSourceParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** See {@link ClusterSource.start}. */
  async start(sink: ClusterSink): Promise<void> {
    const { log, metrics, version, bounds = defaultBounds } = this.#parts;
    const pod = this.#parts.pod ?? {
      environment: process.env,
      serviceAccountDirectory: SERVICE_ACCOUNT_DIRECTORY,
    };
    const credentials = await Credentials.load(this.#options, pod);
    if (this.#stopping.signal.aborted) return;
    const client = new ApiClient(credentials, new RestMetrics(metrics), `CorviDNS/${version}`, bounds);
    this.#client = client;
    this.#running = resourcesFor(this.#options).map((resource) =>
      new Reflector(client, resource, sink, log, bounds).run(this.#stopping.signal),
    );
  }

  /** Ends every request and timer. The sink hears nothing after this resolves. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    this.#client?.close();
  }
}
