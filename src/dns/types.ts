/** The numbers and names of the protocol: RR types, classes, opcodes, rcodes (IANA "DNS Parameters"). */

export const RrType = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const RrClass = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;

export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

/** Types that are only passed through: their mnemonics are for text, as `dig` and CoreDNS's log have them. */
const passedTypes = {
  NULL: 10,
  WKS: 11,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  ATMA: 34,
  KX: 36,
  CERT: 37,
  A6: 38,
  SINK: 40,
  APL: 42,
  SSHFP: 44,
  IPSECKEY: 45,
  DHCID: 49,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SPF: 99,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  MAILB: 253,
  MAILA: 254,
  URI: 256,
  AVC: 258,
  DOA: 259,
  AMTRELAY: 260,
  TA: 32768,
  DLV: 32769,
} as const;

const typeNumbers: Readonly<Record<string, number>> = { ...passedTypes, ...RrType };

function namesByNumber(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name]));
}

const typeNames = namesByNumber(typeNumbers);
const classNames = namesByNumber(RrClass);
const rcodeNames = namesByNumber(Rcode);

/** The mnemonic of a type, or `TYPE1234` (RFC 3597 §5). */
export function typeName(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** The mnemonic of a class, or `CLASS1234` (RFC 3597 §5). */
export function className(rrClass: number): string {
  return classNames.get(rrClass) ?? `CLASS${rrClass}`;
}

/** The mnemonic of an rcode, or its number in decimal, as CoreDNS logs it. */
export function rcodeName(rcode: number): string {
  return rcodeNames.get(rcode) ?? String(rcode);
}

function numberOf(
  text: string,
  table: Readonly<Record<string, number>>,
  generic: string,
): number | undefined {
  const upper = text.toUpperCase();
  const known = Object.hasOwn(table, upper) ? table[upper] : undefined;
  if (known !== undefined) return known;
  if (!upper.startsWith(generic) || !/^\d{1,5}$/.test(upper.slice(generic.length))) return undefined;
  const number = Number(upper.slice(generic.length));
  return number <= 0xffff ? number : undefined;
}

/** The number of a type's mnemonic or of `TYPE1234`, ignoring case; undefined for anything else. */
export function typeNumber(text: string): number | undefined {
  return numberOf(text, typeNumbers, 'TYPE');
}

/** The number of a class's mnemonic or of `CLASS1234`, ignoring case; undefined for anything else. */
export function classNumber(text: string): number | undefined {
  return numberOf(text, RrClass, 'CLASS');
}
