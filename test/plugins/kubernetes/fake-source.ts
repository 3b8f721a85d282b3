/** A source that lists what the test tells it, when the test tells it. */
import type { ClusterObject, Kind } from '../../../src/cluster/objects.ts';
import type { ClusterSink, ClusterSource } from '../../../src/cluster/source.ts';
import type { KubernetesOptions } from '../../../src/plugins/kubernetes/options.ts';
import { kindsOf } from '../../../src/plugins/kubernetes/source.ts';

export class FakeSource implements ClusterSource {
  readonly kinds: readonly Kind[];
  #sink: ClusterSink | undefined;
  isStopped = false;
  /** Thrown by `start`. */
  readonly #failure: Error | undefined;

  constructor(options: KubernetesOptions, failure?: Error) {
    this.kinds = kindsOf(options);
    this.#failure = failure;
  }

  async start(sink: ClusterSink): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#sink = sink;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
  }

  get sink(): ClusterSink {
    if (this.#sink === undefined) throw new Error('the source is not started');
    return this.#sink;
  }

  /** One page of a list that goes on. */
  page(...objects: readonly ClusterObject[]): void {
    for (const object of objects) this.sink.upsert(object);
  }

  /** Whole lists of these kinds; default: all that are wanted. */
  list(objects: readonly ClusterObject[], kinds: readonly Kind[] = this.kinds): void {
    for (const kind of kinds) {
      const list = this.sink.beginList(kind);
      for (const object of objects) if (object.kind === kind) list.upsert(object);
      list.finish();
    }
  }
}
