/** Keeps one kind of the sink equal to what the API server has: list, watch, and begin anew where it must. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../telemetry/logger.ts';
import type { ClusterObject } from '../../objects.ts';
import type { ClusterSink, ObjectKey } from '../../source.ts';
import type { ApiBounds } from './bounds.ts';
import { type ApiClient, eachPiece } from './client.ts';
import { ApiFailure, adviceFor, failureOf, type Trouble } from './failure.ts';
import { Lister, selectorsOf } from './lister.ts';
import { type Resource, titleOf } from './resources.ts';
import { eventReader, type WatchEvent } from './watch-event.ts';

/**
 * Failures of a watch that going on from the same version may never mend: the version is too old, or from
 * before a restore of etcd (400, 504), or what it leads to cannot be read.
 */
const LIST_ANEW: ReadonlySet<Trouble> = new Set(['gone', 'other-status', 'bad-answer', 'event-too-large']);
const GATEWAY_TIMEOUT = 504;

export class Reflector {
  readonly #client: ApiClient;
  readonly #resource: Resource;
  readonly #sink: ClusterSink;
  readonly #log: Logger;
  readonly #bounds: ApiBounds;
  readonly #lister: Lister;
  /** The resourceVersion up to which the sink is whole; empty where a list is needed. */
  #version = '';
  #listedAt = 0;
  #failures = 0;
  /** What the last log line of a failure was about. */
  #loggedSort = '';
  #loggedVerb: 'list' | 'watch' = 'list';

  constructor(client: ApiClient, resource: Resource, sink: ClusterSink, log: Logger, bounds: ApiBounds) {
    this.#client = client;
    this.#resource = resource;
    this.#sink = sink;
    this.#log = log;
    this.#bounds = bounds;
    this.#lister = new Lister(client, resource, sink, bounds);
  }

  /** Goes on until the signal says stop; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(failureOf(error), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#listedAt = performance.now();
    this.#version = await this.#lister.run(signal);
    // What a watch failed with may come again with the next one.
    if (this.#loggedVerb === 'list') this.#recovered();
  }

  /** One watch to its end. A stream that breaks off after it was of use, or falls silent, has ended as any other. */
  async #watch(signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    const seconds = randomInt(this.#bounds.watchMinSeconds, this.#bounds.watchMaxSeconds + 1);
    const response = await this.#client.open(this.#resource, this.#query(seconds), signal);
    // A version that is gone is told at once; a kind that does not change brings nothing for a minute.
    const stands = setTimeout(() => this.#sink.resume(this.#resource.kind), this.#bounds.backoffMinMs);
    const eventsIn = eventReader(this.#resource.kind, response, this.#bounds.watchLineBytes);
    let broken: ApiFailure | undefined;
    let useful = false;
    try {
      await eachPiece(response, this.#bounds.watchSilenceMs, (piece) => {
        for (const event of eventsIn(piece)) {
          this.#apply(event);
          useful = true;
        }
      });
    } catch (error) {
      broken = failureOf(error);
      if (broken.trouble !== 'broken-off' && broken.trouble !== 'stalled') throw broken;
    } finally {
      clearTimeout(stands);
    }
    const lastedMs = performance.now() - begun;
    if (!useful && lastedMs < this.#bounds.backoffMaxMs) {
      throw broken ?? new ApiFailure('broken-off', 'the watch ended before it brought anything');
    }
    this.#recovered();
    if (lastedMs < this.#bounds.backoffMinMs) await pause(this.#bounds.backoffMinMs, signal);
  }

  #query(seconds: number): URLSearchParams {
    const query = selectorsOf(this.#resource);
    query.set('watch', 'true');
    query.set('allowWatchBookmarks', 'true');
    query.set('resourceVersion', this.#version);
    query.set('timeoutSeconds', String(seconds));
    return query;
  }

  #apply(event: WatchEvent): void {
    if (event.type === 'upsert') this.#sink.upsert(event.object);
    if (event.type === 'remove') this.#sink.remove(keyOf(event.object));
    this.#version = event.version;
    this.#recovered();
  }

  #recovered(): void {
    if (this.#loggedSort !== '') {
      this.#log.info(`The ${this.#loggedVerb} of ${this.#what()} works again`);
      this.#sink.resume(this.#resource.kind);
    }
    this.#failures = 0;
    this.#loggedSort = '';
  }

  async #recover(failure: ApiFailure, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    this.#sink.interrupt(this.#resource.kind);
    const verb = this.#version === '' ? 'list' : 'watch';
    if (failure.sort !== this.#loggedSort) this.#report(failure, verb);
    this.#loggedSort = failure.sort;
    this.#loggedVerb = verb;
    if (LIST_ANEW.has(failure.trouble) || failure.status === GATEWAY_TIMEOUT) this.#version = '';
    await pause(failure.trouble === 'gone' ? this.#listPauseMs() : this.#delayMs(failure), signal);
  }

  /** A server that has only moved on is asked at once; one that cannot keep up with its own lists is spared. */
  #listPauseMs(): number {
    const { backoffMaxMs } = this.#bounds;
    return performance.now() - this.#listedAt > backoffMaxMs ? 0 : jittered(backoffMaxMs);
  }

  /** Doubles with each failure; at least what the server asks for. */
  #delayMs({ retryAfterMs }: ApiFailure): number {
    const { backoffMinMs, backoffMaxMs, retryAfterMaxMs } = this.#bounds;
    const delayMs = jittered(Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#failures - 1, 30)));
    return Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));
  }

  #report(failure: ApiFailure, verb: 'list' | 'watch'): void {
    if (failure.trouble === 'gone') {
      this.#log.info(`Listing ${this.#what()} anew: ${failure.message}`);
      return;
    }
    const advice = adviceFor(failure, this.#resource);
    const line = `Failed to ${verb} ${this.#what()}: ${failure.message}`;
    this.#log.error(advice === '' ? line : `${line}; ${advice}`);
  }

  #what(): string {
    return `${titleOf(this.#resource)} at ${this.#client.server}`;
  }
}

function keyOf(object: ClusterObject): ObjectKey {
  const namespace = object.kind === 'Namespace' ? '' : object.namespace;
  return { kind: object.kind, namespace, name: object.name };
}

/** Up to half is taken off by chance, so that replicas do not come all at once. */
function jittered(milliseconds: number): number {
  return milliseconds - randomInt(Math.floor(milliseconds / 2) + 1);
}

/** Waits, at most until the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
