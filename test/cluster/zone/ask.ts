/** Questions to a zone in text, and its answers in text, so that tests are tables. */
import { expect } from 'vitest';
import type { ClusterStore } from '../../../src/cluster/store.ts';
import { ClusterZone, type ClusterZoneOptions } from '../../../src/cluster/zone/cluster-zone.ts';
import type { Lookup } from '../../../src/cluster/zone/lookup.ts';
import { formatRdata, Name, type ResourceRecord, typeName, typeNumber } from '../../../src/dns/index.ts';

export type ZoneOptions = Partial<Omit<ClusterZoneOptions, 'origin' | 'primary'>>;

const DEFAULT_TTL = 5;

/** `cluster.local.`, but for the given options. */
export function clusterZone(
  store: ClusterStore,
  options: ZoneOptions & { origin?: string; primary?: string } = {},
): ClusterZone {
  const { origin = 'cluster.local', primary = 'cluster.local', ...rest } = options;
  return new ClusterZone(store, { ...rest, origin: Name.fromText(origin), primary: Name.fromText(primary) });
}

/** The outcome where there are no records; else records as `formatAnswer` writes them. */
export type Answer = string | readonly string[];

/** Asks, and checks what holds for every answer: where the SOA is, and that there is always a reason or a record. */
export function ask(zone: ClusterZone, name: string, type: string): Answer {
  const asked = Name.fromText(name);
  const lookup = zone.lookup(asked, typeNumber(type) ?? 0);
  if (lookup.outcome === 'answer') {
    expect(lookup.authority).toEqual([]);
    expect(lookup.answer).not.toEqual([]);
    expect(lookup.reason).toBeUndefined();
    return formatAnswer(asked, lookup);
  }
  expect(lookup.answer).toEqual([]);
  expect(lookup.additional).toEqual([]);
  expect(lookup.chase).toBeUndefined();
  expect(lookup.reason).toBeDefined();
  const negative = lookup.outcome === 'refused' ? [] : [asked.suffix(zone.origin.labelCount).toString()];
  expect(lookup.authority.map(({ owner, data }) => data.kind === 'SOA' && owner.toString())).toEqual(
    negative,
  );
  return lookup.outcome;
}

/** Why a question gets no records. */
export function why(zone: ClusterZone, name: string, type = 'A'): string | undefined {
  return zone.lookup(Name.fromText(name), typeNumber(type) ?? 0).reason?.code;
}

/**
 * `A 10.0.0.1` for a record of the answer, `+ owner A 10.0.0.1` for one of the additional section, `? name` for what
 * is to be asked next. Owner and TTL are written where they are not the asked name and 5 seconds.
 */
export function formatAnswer(asked: Name, { answer, additional, chase }: Lookup): string[] {
  return [
    ...answer.map((record) => formatRecord(asked, record)),
    ...additional.map((record) => `+ ${formatRecord(asked, record)}`),
    ...(chase === undefined ? [] : [`? ${chase}`]),
  ];
}

function formatRecord(asked: Name, { owner, ttl, type, data }: ResourceRecord): string {
  const ownerText = owner.toString() === asked.toString() ? '' : `${owner} `;
  return `${ownerText}${ttl === DEFAULT_TTL ? '' : `${ttl} `}${typeName(type)} ${formatRdata(data)}`;
}
