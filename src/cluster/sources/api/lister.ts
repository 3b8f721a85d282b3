/** Lists a resource page by page into the sink. */
import { setImmediate } from 'node:timers/promises';
import { limits } from '../../../limits.ts';
import type { Kind } from '../../objects.ts';
import type { ClusterSink, ListInProgress } from '../../source.ts';
import { trim } from '../../trim.ts';
import { Body } from './body.ts';
import type { ApiBounds } from './bounds.ts';
import type { ApiClient } from './client.ts';
import { failureOf } from './failure.ts';
import { type Item, type Page, readPage } from './page.ts';
import { isWrapped } from './protobuf/envelope.ts';
import { readProtobufPage } from './protobuf/page.ts';
import type { Resource } from './resources.ts';

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
  /** Then most objects are there already, as they are. */
  #listedBefore = false;

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
    const bodies = [new Body(), new Body()] as const;
    try {
      await this.#pages(progress, bodies, signal);
    } finally {
      for (const body of bodies) body.release();
    }
    progress.list.finish();
    this.#progress = undefined;
    this.#listedBefore = true;
    return progress.version;
  }

  /** The server makes the next page while one is read. */
  async #pages(progress: Progress, [even, odd]: readonly [Body, Body], signal: AbortSignal): Promise<void> {
    let coming: Promise<Page> | undefined = this.#page(progress.continue, even, signal);
    for (let nth = 1; coming !== undefined; nth++) {
      const page: Page = await coming;
      progress.version ||= page.version;
      coming =
        page.continue === '' ? undefined : this.#page(page.continue, nth % 2 === 0 ? even : odd, signal);
      // It is awaited when this page is read, and may have failed by then.
      coming?.catch(() => {});
      await this.#apply(page.items, progress.list, signal);
      progress.continue = page.continue;
    }
  }

  /** Queries have their turn every so many objects. */
  async #apply(items: Iterable<Item>, list: ListInProgress, signal: AbortSignal): Promise<void> {
    let left: number = limits.apiObjectsPerTurn;
    for (const item of items) {
      if (left-- === 0) {
        await setImmediate();
        signal.throwIfAborted();
        left = limits.apiObjectsPerTurn;
      }
      // At the first list there is nothing to be held.
      if (this.#listedBefore && holds(list, this.#resource.kind, item)) continue;
      const object = trim(this.#resource.kind, item.json());
      if (object !== undefined) list.upsert(object);
    }
  }

  async #page(from: string, body: Body, signal: AbortSignal): Promise<Page> {
    for (;;) {
      try {
        await this.#client.get(this.#resource, this.#query(from), body, signal);
        return pageIn(this.#resource.kind, body.octets);
      } catch (error) {
        const { trouble } = failureOf(error);
        if (trouble === 'gone') this.#progress = undefined;
        if (trouble !== 'page-too-large' || this.#pageObjects === 1) throw error;
        this.#pageObjects = Math.ceil(this.#pageObjects / 2);
      }
    }
  }

  #query(from: string): URLSearchParams {
    const query = selectorsOf(this.#resource);
    query.set('limit', String(this.#pageObjects));
    if (from !== '') query.set('continue', from);
    return query;
  }
}

export function selectorsOf({ labelSelector, fieldSelector }: Resource): URLSearchParams {
  const query = new URLSearchParams();
  if (labelSelector !== '') query.set('labelSelector', labelSelector);
  if (fieldSelector !== '') query.set('fieldSelector', fieldSelector);
  return query;
}

/** In the language that the server has chosen. */
function pageIn(kind: Kind, octets: Buffer): Page {
  return isWrapped(octets) ? readProtobufPage(kind, octets) : readPage(octets);
}

function holds(list: ListInProgress, kind: Kind, { identity }: Item): boolean {
  return list.holds({ kind, ...identity }, identity.version);
}
