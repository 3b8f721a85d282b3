/** Records made of selected addresses and ports. */
import type { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { RrType } from '../../dns/types.ts';
import type { Address, Port } from '../objects.ts';
import { nameBelow } from './name-below.ts';
import type { Selected } from './select.ts';

/** Weights are shares of this, as CoreDNS gives them. */
const WEIGHT_TOTAL = 100;

export function addressRecord(owner: Name, ttl: number, address: Uint8Array): ResourceRecord {
  return record(owner, ttl, { kind: address.length === 4 ? 'A' : 'AAAA', address });
}

/** One A or AAAA record for each distinct address of the family that `type` asks for. */
export function addressRecords(
  owner: Name,
  type: number,
  ttl: number,
  addresses: readonly { readonly address: Address }[],
): ResourceRecord[] {
  const length = type === RrType.A ? 4 : 16;
  const records: ResourceRecord[] = [];
  const seen = addresses.length > 1 ? new Set<string>() : undefined;
  for (const { address } of addresses) {
    if (address.bytes.length !== length || seen?.has(address.text)) continue;
    seen?.add(address.text);
    records.push(addressRecord(owner, ttl, address.bytes));
  }
  return records;
}

export interface ServiceRecords {
  readonly answer: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/**
 * SRV records of a selection with the addresses of their targets (RFC 2782). Every pair of address and port has an
 * equal share of the weight, counted before equal records are made one: two addresses of one port give weight 50.
 * An address whose target can have no name is left out.
 */
export function srvRecords(
  query: Name,
  service: Name,
  ttl: number,
  selected: readonly Selected[],
): ServiceRecords {
  let pairs = 0;
  for (const { ports } of selected) pairs += ports.length;
  const weight = Math.max(1, Math.floor(WEIGHT_TOTAL / pairs));
  const answer: ResourceRecord[] = [];
  const additional: ResourceRecord[] = [];
  const targets = new Map<string, Target>();
  for (const { address, ports, targetLabels } of selected) {
    // Host names have no slash: different things have different keys.
    const key = targetLabels.length === 1 ? (targetLabels[0] ?? '') : targetLabels.join('/');
    let target = targets.get(key);
    if (target === undefined) {
      target = new Target(targetName(targetLabels, service));
      targets.set(key, target);
    }
    const { name } = target;
    if (name === undefined) continue;
    for (const port of ports) {
      if (port.number < 0) continue;
      if (target.ports.isNew(port.number)) answer.push(srv(query, ttl, weight, port, name));
      if (target.addresses.isNew(address.text)) additional.push(addressRecord(name, ttl, address.bytes));
    }
  }
  return { answer, additional };
}

/** What a name was given already. */
class Target {
  /** Undefined where there can be none. */
  readonly name: Name | undefined;
  readonly ports = new Seen<number>();
  readonly addresses = new Seen<string>();

  constructor(name: Name | undefined) {
    this.name = name;
  }
}

/** A set of mostly one: most targets have one port and one address. */
class Seen<T> {
  #first: T | undefined;
  #all: Set<T> | undefined;

  isNew(value: T): boolean {
    if (this.#first === undefined) {
      this.#first = value;
      return true;
    }
    if (this.#first === value) return false;
    this.#all ??= new Set();
    const before = this.#all.size;
    return this.#all.add(value).size > before;
  }
}

function targetName(labels: readonly string[], service: Name): Name | undefined {
  return labels.length === 0 ? service : nameBelow(labels, service);
}

function srv(owner: Name, ttl: number, weight: number, port: Port, target: Name): ResourceRecord {
  return record(owner, ttl, { kind: 'SRV', priority: 0, weight, port: port.number, target });
}
