/** Records of headless Services with many endpoints, kept as they were made: they stand as long as the endpoints do. */
import { Name } from '../../dns/name.ts';
import { LastingRecord, type ResourceRecord } from '../../dns/record.ts';
import { limits } from '../../limits.ts';
import type { ServedEndpoint } from '../endpoints.ts';
import type { ServiceRecords } from './records.ts';

/** What a name was answered with for a type. */
interface Kept extends ServiceRecords {
  readonly name: Name;
  readonly type: number;
}

export class KeptRecords {
  /** By what they were made of: a Service whose endpoints change has another array of them. */
  #byEndpoints = new WeakMap<readonly ServedEndpoint[], Kept[]>();
  #count = 0;

  find(endpoints: readonly ServedEndpoint[], name: Name, type: number): ServiceRecords | undefined {
    const all = this.#byEndpoints.get(endpoints);
    if (all === undefined) return undefined;
    for (const kept of all) if (kept.type === type && isSame(kept.name, name)) return kept;
    return undefined;
  }

  /** The same records, which is what to answer with. */
  keep(
    endpoints: readonly ServedEndpoint[],
    name: Name,
    type: number,
    records: ServiceRecords,
  ): ServiceRecords {
    const count = records.answer.length + records.additional.length;
    // Few are made as fast as found.
    if (count < limits.keptAnswerMinRecords || count > limits.keptRecords) return records;
    // A name can be written in as many ways as clients care to.
    if (name.foldedAbove(Name.root) !== name) return records;
    if (this.#count + count > limits.keptRecords) this.#forget();
    const all = this.#byEndpoints.get(endpoints) ?? [];
    if (all.length >= limits.keptNamesPerService) return records;
    const kept = { name, type, answer: lasting(records.answer), additional: lasting(records.additional) };
    all.push(kept);
    this.#byEndpoints.set(endpoints, all);
    this.#count += count;
    return kept;
  }

  /** All of it: what is asked for still is made again once. */
  #forget(): void {
    this.#byEndpoints = new WeakMap();
    this.#count = 0;
  }
}

function isSame(one: Name, other: Name): boolean {
  return one.wire.length === other.wire.length && one.spells(other);
}

function lasting(records: readonly ResourceRecord[]): ResourceRecord[] {
  return records.map((record) => new LastingRecord(record));
}
