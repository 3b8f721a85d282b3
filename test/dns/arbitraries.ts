/** Arbitrary names, records and messages that are legal DNS, for property tests. */
import fc from 'fast-check';
import type { Question, RdataOf, ResourceRecord } from '../../src/dns/index.ts';
import { type Edns, type KnownKind, type Message, Name, type Rdata, RrType } from '../../src/dns/index.ts';

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const string = fc.uint8Array({ maxLength: 255 });
const octets = fc.uint8Array({ maxLength: 300 });
const address = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

function nameOf(labels: readonly (Uint8Array | string)[]): Name {
  let length = 1;
  const kept = labels.filter((label) => {
    length += label.length + 1;
    return length <= 255;
  });
  return kept.length === 0 ? Name.root : Name.fromLabels(kept);
}

const label = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'A', 'b', 'svc', 'cluster', 'local', 'Local') },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
);
/** Names with common suffixes, in differing letter case, some long and some of arbitrary octets. */
export const name: fc.Arbitrary<Name> = fc.oneof(
  { weight: 5, arbitrary: fc.array(label, { maxLength: 6 }).map(nameOf) },
  { weight: 1, arbitrary: fc.array(label, { minLength: 20, maxLength: 127 }).map(nameOf) },
);

/** Host names as every implementation writes them alike. */
export const hostName: fc.Arbitrary<Name> = fc
  .array(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/), { minLength: 1, maxLength: 5 })
  .map((labels) => Name.fromLabels(labels));

const svcParam = fc.record({ key: fc.oneof(fc.integer({ min: 0, max: 9 }), u16), value: octets });
const svcb = { priority: u16, target: name, params: fc.array(svcParam, { maxLength: 5 }) };
const target = { target: name };

type Values = { readonly [K in KnownKind]: fc.Arbitrary<RdataOf<K>> };

const values: Values = {
  A: fc.record({ kind: fc.constant('A'), address: address(4) }),
  AAAA: fc.record({ kind: fc.constant('AAAA'), address: address(16) }),
  NS: fc.record({ kind: fc.constant('NS'), ...target }),
  CNAME: fc.record({ kind: fc.constant('CNAME'), ...target }),
  PTR: fc.record({ kind: fc.constant('PTR'), ...target }),
  DNAME: fc.record({ kind: fc.constant('DNAME'), ...target }),
  SOA: fc.record({
    kind: fc.constant('SOA'),
    mname: name,
    rname: name,
    serial: u32,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
  }),
  MB: fc.record({ kind: fc.constant('MB'), ...target }),
  MD: fc.record({ kind: fc.constant('MD'), ...target }),
  MF: fc.record({ kind: fc.constant('MF'), ...target }),
  MG: fc.record({ kind: fc.constant('MG'), ...target }),
  MR: fc.record({ kind: fc.constant('MR'), ...target }),
  MINFO: fc.record({ kind: fc.constant('MINFO'), responsible: name, errors: name }),
  MX: fc.record({ kind: fc.constant('MX'), preference: u16, exchange: name }),
  TXT: fc.record({ kind: fc.constant('TXT'), strings: fc.array(string, { minLength: 1, maxLength: 4 }) }),
  HINFO: fc.record({ kind: fc.constant('HINFO'), cpu: string, os: string }),
  SRV: fc.record({ kind: fc.constant('SRV'), priority: u16, weight: u16, port: u16, ...target }),
  NAPTR: fc.record({
    kind: fc.constant('NAPTR'),
    order: u16,
    preference: u16,
    flags: string,
    services: string,
    regexp: string,
    replacement: name,
  }),
  CAA: fc.record({ kind: fc.constant('CAA'), flags: u8, tag: string, value: octets }),
  DS: fc.record({ kind: fc.constant('DS'), keyTag: u16, algorithm: u8, digestType: u8, digest: octets }),
  DNSKEY: fc.record({
    kind: fc.constant('DNSKEY'),
    flags: u16,
    protocol: u8,
    algorithm: u8,
    publicKey: octets,
  }),
  RRSIG: fc.record({
    kind: fc.constant('RRSIG'),
    typeCovered: u16,
    algorithm: u8,
    labels: u8,
    originalTtl: u32,
    expiration: u32,
    inception: u32,
    keyTag: u16,
    signer: name,
    signature: octets,
  }),
  NSEC: fc.record({ kind: fc.constant('NSEC'), next: name, typeBitmap: octets }),
  NSEC3: fc.record({
    kind: fc.constant('NSEC3'),
    hashAlgorithm: u8,
    flags: u8,
    iterations: u16,
    salt: string,
    nextHashedOwner: string,
    typeBitmap: octets,
  }),
  SVCB: fc.record({ kind: fc.constant('SVCB'), ...svcb }),
  HTTPS: fc.record({ kind: fc.constant('HTTPS'), ...svcb }),
};

/** Types whose rdata is octets in every class. */
const opaqueType = u16.filter((type) => type !== RrType.OPT && !Object.hasOwn(values, typeKey(type)));

function typeKey(type: number): string {
  return Object.entries(RrType).find(([, number]) => number === type)?.[0] ?? '';
}

const owned = { owner: name, ttl: u32 };
const knownRecords = Object.entries(values).map(([kind, data]: [string, fc.Arbitrary<Rdata>]) =>
  fc.record({ ...owned, type: fc.constant(RrType[kind as KnownKind]), class: fc.constant(1), data }),
);
const opaque = fc.record({ kind: fc.constant('opaque' as const), bytes: octets });
const empty = fc.constant<Rdata>({ kind: 'opaque', bytes: new Uint8Array(0) });

export const resourceRecord: fc.Arbitrary<ResourceRecord> = fc.oneof(
  ...knownRecords,
  fc.record({ ...owned, type: opaqueType, class: u16, data: opaque }),
  // Formats of class IN are octets in another class, and RFC 2136 has known types without rdata.
  fc.record({ ...owned, type: fc.constantFrom(1, 28, 33, 35, 64, 65), class: fc.constant(3), data: opaque }),
  fc.record({
    ...owned,
    type: fc.constantFrom(1, 6, 16, 46),
    class: fc.constantFrom(1, 254, 255),
    data: empty,
  }),
);

const question: fc.Arbitrary<Question> = fc.record({ name, type: u16, class: u16 });

const edns: fc.Arbitrary<Edns> = fc.record({
  udpSize: u16,
  version: u8,
  do: fc.boolean(),
  z: fc.integer({ min: 0, max: 0x7fff }),
  options: fc.array(fc.record({ code: u16, data: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 3 }),
});

const header = {
  id: u16,
  qr: fc.boolean(),
  opcode: fc.integer({ min: 0, max: 15 }),
  aa: fc.boolean(),
  tc: fc.boolean(),
  rd: fc.boolean(),
  ra: fc.boolean(),
  z: fc.boolean(),
  ad: fc.boolean(),
  cd: fc.boolean(),
};

const section = fc.array(resourceRecord, { maxLength: 8 });

export const message: fc.Arbitrary<Message> = fc
  .record({
    ...header,
    rcode: fc.integer({ min: 0, max: 0xfff }),
    questions: fc.array(question, { maxLength: 2 }),
    answer: section,
    authority: section,
    additional: section,
    edns: fc.option(edns, { nil: undefined }),
  })
  // RFC 6891 §6.1.3: without an OPT an rcode has four bits.
  .map((value) => (value.edns === undefined ? { ...value, rcode: value.rcode & 0xf } : value));
