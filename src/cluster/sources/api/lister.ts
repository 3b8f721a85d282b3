/** Lists a resource page by page into the sink. */
import type { ClusterSink, ListInProgress } from '../../source.ts';
import { type Json, trim } from '../../trim.ts';
import type { ApiBounds } from './bounds.ts';
import type { ApiClient } from './client.ts';
import { ApiFailure, failureOf } from './failure.ts';
import { pathOf, type Resource } from './resources.ts';

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly Json[] | null;
}

interface Progress {
  readonly list: ListInProgress;
  /** Version of the first page: the later ones are of the same moment. */
  version: string;
  /** Where the next page begins. */
  continue: string;
}

export class Lister {
  readonly #client: ApiClient;
  readonly #resource: Resource;
  readonly #sink: ClusterSink;
  /** Shrinks where pages are too large to be parsed in one go. */
  #pageObjects: number;
  #progress: Progress | undefined;

  constructor(client: ApiClient, resource: Resource, sink: ClusterSink, bounds: ApiBounds) {
    this.#client = client;
    this.#resource = resource;
    this.#sink = sink;
    this.#pageObjects = bounds.pageObjects;
  }

  /**
   * Lists to the end. After a failure the next call goes on with the page that failed, so that a busy server is
   * not asked for everything again; only where the server no longer knows the list it begins anew.
   * @returns the resourceVersion to watch from
   * @throws {ApiFailure}
   */
  async run(signal: AbortSignal): Promise<string> {
    this.#progress ??= { list: this.#sink.beginList(this.#resource.kind), version: '', continue: '' };
    const progress = this.#progress;
    do {
      const page = await this.#page(progress, signal);
      for (const item of page.items ?? []) {
        const object = trim(this.#resource.kind, item);
        if (object !== undefined) progress.list.upsert(object);
      }
      progress.version ||= page.metadata?.resourceVersion ?? '';
      progress.continue = page.metadata?.continue ?? '';
    } while (progress.continue !== '');
    progress.list.finish();
    this.#progress = undefined;
    return progress.version;
  }

  async #page(progress: Progress, signal: AbortSignal): Promise<Page> {
    for (;;) {
      try {
        const json = await this.#client.getJson(pathOf(this.#resource), this.#query(progress), signal);
        return checkedPage(json);
      } catch (error) {
        const { trouble } = failureOf(error);
        if (trouble === 'gone') this.#progress = undefined;
        if (trouble !== 'page-too-large' || this.#pageObjects === 1) throw error;
        this.#pageObjects = Math.ceil(this.#pageObjects / 2);
      }
    }
  }

  #query(progress: Progress): URLSearchParams {
    const query = selectorsOf(this.#resource);
    query.set('limit', String(this.#pageObjects));
    if (progress.continue !== '') query.set('continue', progress.continue);
    return query;
  }
}

export function selectorsOf({ labelSelector, fieldSelector }: Resource): URLSearchParams {
  const query = new URLSearchParams();
  if (labelSelector !== '') query.set('labelSelector', labelSelector);
  if (fieldSelector !== '') query.set('fieldSelector', fieldSelector);
  return query;
}

/** An answer that is no list must not be taken for an empty one. */
function checkedPage(json: Json): Page {
  const page = json as Page | null;
  const items = page?.items ?? [];
  if (!page?.metadata?.resourceVersion || !Array.isArray(items)) {
    throw new ApiFailure('bad-answer', 'the answer is not a list of Kubernetes objects');
  }
  return page;
}
