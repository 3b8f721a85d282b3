/** Resource records as values: what `wire/` reads and writes and `text/` prints. Octet strings are never changed. */
import type { Name } from './name.ts';
import { RrClass, RrType } from './types.ts';

/** Rdata by type. Numbers are unsigned; octet strings are as on the wire, without their length octet. */
export interface RdataByKind {
  /** RFC 1035 §3.4.1; 4 octets. */
  A: { readonly address: Uint8Array };
  /** RFC 3596 §2.2; 16 octets. */
  AAAA: { readonly address: Uint8Array };
  NS: { readonly target: Name };
  CNAME: { readonly target: Name };
  PTR: { readonly target: Name };
  /** RFC 6672. */
  DNAME: { readonly target: Name };
  SOA: {
    readonly mname: Name;
    readonly rname: Name;
    readonly serial: number;
    readonly refresh: number;
    readonly retry: number;
    readonly expire: number;
    readonly minimum: number;
  };
  /** RFC 1035 §3.3.3 to §3.3.8: obsolete, but their names may come compressed (RFC 3597 §4). */
  MB: { readonly target: Name };
  MD: { readonly target: Name };
  MF: { readonly target: Name };
  MG: { readonly target: Name };
  MR: { readonly target: Name };
  MINFO: { readonly responsible: Name; readonly errors: Name };
  MX: { readonly preference: number; readonly exchange: Name };
  TXT: { readonly strings: readonly Uint8Array[] };
  HINFO: { readonly cpu: Uint8Array; readonly os: Uint8Array };
  /** RFC 2782. */
  SRV: { readonly priority: number; readonly weight: number; readonly port: number; readonly target: Name };
  /** RFC 3403 §4. */
  NAPTR: {
    readonly order: number;
    readonly preference: number;
    readonly flags: Uint8Array;
    readonly services: Uint8Array;
    readonly regexp: Uint8Array;
    readonly replacement: Name;
  };
  /** RFC 8659 §4.1. */
  CAA: { readonly flags: number; readonly tag: Uint8Array; readonly value: Uint8Array };
  /** RFC 4034 §5.1. */
  DS: {
    readonly keyTag: number;
    readonly algorithm: number;
    readonly digestType: number;
    readonly digest: Uint8Array;
  };
  /** RFC 4034 §2.1. */
  DNSKEY: {
    readonly flags: number;
    readonly protocol: number;
    readonly algorithm: number;
    readonly publicKey: Uint8Array;
  };
  /** RFC 4034 §3.1; expiration and inception in seconds since 1970, modulo 2^32. */
  RRSIG: {
    readonly typeCovered: number;
    readonly algorithm: number;
    readonly labels: number;
    readonly originalTtl: number;
    readonly expiration: number;
    readonly inception: number;
    readonly keyTag: number;
    readonly signer: Name;
    readonly signature: Uint8Array;
  };
  /** RFC 4034 §4.1; the bitmap stays as it came, so that it passes through unharmed. */
  NSEC: { readonly next: Name; readonly typeBitmap: Uint8Array };
  /** RFC 5155 §3.2. */
  NSEC3: {
    readonly hashAlgorithm: number;
    readonly flags: number;
    readonly iterations: number;
    readonly salt: Uint8Array;
    readonly nextHashedOwner: Uint8Array;
    readonly typeBitmap: Uint8Array;
  };
  /** RFC 9460 §2. */
  SVCB: { readonly priority: number; readonly target: Name; readonly params: readonly SvcParam[] };
  HTTPS: { readonly priority: number; readonly target: Name; readonly params: readonly SvcParam[] };
}

/** RFC 9460 §2.2. */
export interface SvcParam {
  readonly key: number;
  readonly value: Uint8Array;
}

export type KnownKind = keyof RdataByKind;
type Known = { [K in KnownKind]: { readonly kind: K } & RdataByKind[K] }[KnownKind];

/** Rdata of a type, or of a type in a class, that is not known here (RFC 3597 §3): octets that pass through. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly bytes: Uint8Array;
}

export type Rdata = Known | Opaque;
export type RdataOf<K extends KnownKind> = Extract<Known, { kind: K }>;

export interface ResourceRecord {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: Rdata;
}

/** A record of class IN whose type is known. */
export function record(owner: Name, ttl: number, data: Known): ResourceRecord {
  return { owner, type: RrType[data.kind], class: RrClass.IN, ttl, data };
}

/**
 * A record that stands in many messages: the codec keeps its octets. They are no property, so that a copy with another
 * TTL or owner does not have them.
 */
export class LastingRecord implements ResourceRecord {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: Rdata;
  #octets: Uint8Array | undefined;

  constructor({ owner, type, class: rrClass, ttl, data }: ResourceRecord) {
    this.owner = owner;
    this.type = type;
    this.class = rrClass;
    this.ttl = ttl;
    this.data = data;
  }

  /** The octets of `record` without compression, where they are kept. */
  static octetsOf(record: ResourceRecord): Uint8Array | undefined {
    return #octets in record ? record.#octets : undefined;
  }

  keepOctets(octets: Uint8Array): void {
    this.#octets = octets;
  }
}
