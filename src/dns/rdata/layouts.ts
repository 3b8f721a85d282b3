/** The one table of rdata: for each type its fields, in the order of the wire, which is that of the text. */
import type { KnownKind, RdataByKind } from '../record.ts';
import { ipv4, ipv6 } from './addresses.ts';
import { base64ToEnd, hashedOwner, hexToEnd, salt } from './binary.ts';
import { typeBitmap } from './bitmap.ts';
import type { Field } from './field.ts';
import { compressibleName, fullName } from './names.ts';
import { rrType, time, u8, u16, u32 } from './numbers.ts';
import { caaTag, charString, charStrings, stringToEnd } from './strings.ts';
import { svcParams } from './svcparams.ts';

type Layout<K extends KnownKind> = {
  readonly [P in keyof RdataByKind[K]]: Field<RdataByKind[K][P]>;
};

const soa: Layout<'SOA'> = {
  mname: compressibleName,
  rname: compressibleName,
  serial: u32,
  refresh: u32,
  retry: u32,
  expire: u32,
  minimum: u32,
};

const naptr: Layout<'NAPTR'> = {
  order: u16,
  preference: u16,
  flags: charString,
  services: charString,
  regexp: charString,
  replacement: fullName,
};

const rrsig: Layout<'RRSIG'> = {
  typeCovered: rrType,
  algorithm: u8,
  labels: u8,
  originalTtl: u32,
  expiration: time,
  inception: time,
  keyTag: u16,
  signer: fullName,
  signature: base64ToEnd,
};

const nsec3: Layout<'NSEC3'> = {
  hashAlgorithm: u8,
  flags: u8,
  iterations: u16,
  salt,
  nextHashedOwner: hashedOwner,
  typeBitmap,
};

const svcb: Layout<'SVCB'> = { priority: u16, target: fullName, params: svcParams };

export const layouts: { readonly [K in KnownKind]: Layout<K> } = {
  A: { address: ipv4 },
  AAAA: { address: ipv6 },
  NS: { target: compressibleName },
  CNAME: { target: compressibleName },
  PTR: { target: compressibleName },
  // RFC 6672 §2.5: not compressed.
  DNAME: { target: fullName },
  SOA: soa,
  MB: { target: compressibleName },
  MD: { target: compressibleName },
  MF: { target: compressibleName },
  MG: { target: compressibleName },
  MR: { target: compressibleName },
  MINFO: { responsible: compressibleName, errors: compressibleName },
  MX: { preference: u16, exchange: compressibleName },
  TXT: { strings: charStrings },
  HINFO: { cpu: charString, os: charString },
  // RFC 2782: name compression is not to be used for the target.
  SRV: { priority: u16, weight: u16, port: u16, target: fullName },
  NAPTR: naptr,
  CAA: { flags: u8, tag: caaTag, value: stringToEnd },
  DS: { keyTag: u16, algorithm: u8, digestType: u8, digest: hexToEnd },
  DNSKEY: { flags: u16, protocol: u8, algorithm: u8, publicKey: base64ToEnd },
  RRSIG: rrsig,
  NSEC: { next: fullName, typeBitmap },
  NSEC3: nsec3,
  SVCB: svcb,
  HTTPS: svcb,
};

/** Types whose rdata has this form in class IN only; in other classes they are octets (RFC 3597 §3). */
export const internetOnly: readonly KnownKind[] = ['A', 'AAAA', 'SRV', 'NAPTR', 'SVCB', 'HTTPS'];
