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
  readonly answer: ResourceRecord[];
  readonly additional: ResourceRecord[];
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
  const pairs = selected.reduce((sum, one) => sum + one.ports.length, 0);
  const weight = Math.max(1, Math.floor(WEIGHT_TOTAL / pairs));
  const result: ServiceRecords = { answer: [], additional: [] };
  const targets = new Map<string, Name | undefined>();
  const seen = new Set<string>();
  for (const { address, ports, targetLabels } of selected) {
    // Host names have no slash: different things have different keys.
    const key = targetLabels.join('/');
    if (!targets.has(key)) targets.set(key, targetName(targetLabels, service));
    const target = targets.get(key);
    if (target === undefined) continue;
    for (const port of ports) {
      if (port.number < 0) continue;
      if (isNew(seen, `${key}/${port.number}`)) result.answer.push(srv(query, ttl, weight, port, target));
      if (isNew(seen, `${key}/${address.text}`))
        result.additional.push(addressRecord(target, ttl, address.bytes));
    }
  }
  return result;
}

function targetName(labels: readonly string[], service: Name): Name | undefined {
  return labels.length === 0 ? service : nameBelow(labels, service);
}

function srv(owner: Name, ttl: number, weight: number, port: Port, target: Name): ResourceRecord {
  return record(owner, ttl, { kind: 'SRV', priority: 0, weight, port: port.number, target });
}

function isNew(seen: Set<string>, key: string): boolean {
  const before = seen.size;
  return seen.add(key).size > before;
}
