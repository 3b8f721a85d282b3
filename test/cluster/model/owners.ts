/** Whom an address belongs to, worked out from the course of changes alone. */
import type { Pod } from '../../../src/cluster/objects.ts';
import { limits } from '../../../src/limits.ts';
import type { Change } from './universe.ts';

interface Owner {
  readonly ip: string | undefined;
  readonly sinceMs: number;
  readonly isLeaving: boolean;
}

const pathOf = ({ namespace, name }: Pod) => `${namespace}/${name}`;

export class Owners {
  #nowMs = 0;
  #followedSinceMs: number | undefined;
  readonly #owners = new Map<string, Owner>();

  apply(change: Change): void {
    if (change.kind === 'wait') this.#nowMs += change.ms;
    if (change.kind === 'interrupt') this.#followedSinceMs = undefined;
    if (change.kind === 'resume') this.#followedSinceMs ??= this.#nowMs;
    if (change.kind === 'upsert' && change.object.kind === 'Pod') this.#tell(change.object);
    if (change.kind === 'remove' && change.object.kind === 'Pod') this.#owners.delete(pathOf(change.object));
    if (change.kind !== 'list' || change.of !== 'Pod') return;
    const pods = change.objects.filter((object) => object.kind === 'Pod');
    for (const pod of pods) this.#tell(pod);
    const listed = new Set(pods.map(pathOf));
    for (const path of this.#owners.keys()) if (!listed.has(path)) this.#owners.delete(path);
    this.#followedSinceMs ??= this.#nowMs;
  }

  /** `namespace/name` of the certain owner. */
  of(address: string): string | undefined {
    const [one, other] = [...this.#owners].filter(([, { ip }]) => ip === address);
    if (one === undefined || other !== undefined || this.#followedSinceMs === undefined) return undefined;
    const [path, { isLeaving, sinceMs }] = one;
    const knownMs = this.#nowMs - Math.max(sinceMs, this.#followedSinceMs);
    return isLeaving || knownMs < limits.podCertainMs ? undefined : path;
  }

  #tell(pod: Pod): void {
    const before = this.#owners.get(pathOf(pod));
    if (pod.terminating) {
      if (before !== undefined) this.#owners.set(pathOf(pod), { ...before, isLeaving: true });
      return;
    }
    const ip = pod.ip?.text;
    const isSame = before !== undefined && !before.isLeaving && before.ip === ip;
    this.#owners.set(pathOf(pod), { ip, sinceMs: isSame ? before.sinceMs : this.#nowMs, isLeaving: false });
  }
}
