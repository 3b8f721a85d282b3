/** The contract of a sink as a plain model: what is there, and what the source did to get there. */
import type { ClusterObject, Kind } from '../../../../src/cluster/objects.ts';
import type { ClusterSink, ListInProgress, ObjectKey } from '../../../../src/cluster/source.ts';

export class RecordingSink implements ClusterSink {
  readonly objects = new Map<string, ClusterObject>();
  readonly synced = new Set<Kind>();
  /** Kinds whose changes do not arrive. */
  readonly interrupted = new Set<Kind>();
  /** Every step, as `list Service`, `upsert Service shop/cart`, `finish Service`, `remove ...`. */
  readonly steps: string[] = [];

  /** What a list held already, as `Service shop/cart`. */
  readonly held: string[] = [];

  upsert(object: ClusterObject): void {
    this.steps.push(`upsert ${textOf(keyOf(object))}`);
    this.#put(object);
  }

  remove(key: ObjectKey): void {
    this.steps.push(`remove ${textOf(key)}`);
    this.objects.delete(textOf(key));
  }

  beginList(kind: Kind): ListInProgress {
    this.steps.push(`list ${kind}`);
    const listed = new Set<string>();
    let finished = false;
    const mustBeOpen = () => {
      if (finished) throw new Error(`the list of ${kind} is finished`);
    };
    return {
      holds: (key, version) => {
        mustBeOpen();
        const held = version !== '' && this.objects.get(textOf(key))?.resourceVersion === version;
        if (held) {
          listed.add(textOf(key));
          this.held.push(textOf(key));
        }
        return held;
      },
      upsert: (object) => {
        mustBeOpen();
        listed.add(textOf(keyOf(object)));
        this.#put(object);
      },
      finish: () => {
        mustBeOpen();
        finished = true;
        for (const key of this.objects.keys()) {
          if (key.startsWith(`${kind} `) && !listed.has(key)) this.objects.delete(key);
        }
        this.synced.add(kind);
        this.resume(kind);
        this.steps.push(`finish ${kind}`);
      },
    };
  }

  interrupt(kind: Kind): void {
    this.interrupted.add(kind);
  }

  resume(kind: Kind): void {
    this.interrupted.delete(kind);
  }

  /** `namespace/name` of every object of a kind, in order. */
  names(kind: Kind): string[] {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(`${kind} `));
    return keys.map((key) => key.slice(kind.length + 1)).sort();
  }

  /** `namespace/name@resourceVersion` of every object of a kind, in order. */
  versions(kind: Kind): string[] {
    const objects = [...this.objects.values()].filter((object) => object.kind === kind);
    return objects.map((object) => `${pathOf(keyOf(object))}@${object.resourceVersion}`).sort();
  }

  count(step: string): number {
    return this.steps.filter((each) => each === step).length;
  }

  #put(object: ClusterObject): void {
    this.objects.set(textOf(keyOf(object)), object);
  }
}

function keyOf(object: ClusterObject): ObjectKey {
  const namespace = object.kind === 'Namespace' ? '' : object.namespace;
  return { kind: object.kind, namespace, name: object.name };
}

function textOf(key: ObjectKey): string {
  return `${key.kind} ${pathOf(key)}`;
}

function pathOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
