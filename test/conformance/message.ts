/** Queries as octets, written here by hand: some of them no codec would write. */

export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
  TYPE65280: 65280,
};

export const CLASSES = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const;

const OPT = 41;

export interface EdnsParts {
  readonly size: number;
  readonly version?: number;
  /** The 16 bits that DO is the first of. */
  readonly flags?: number;
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

export interface QueryParts {
  /** Presentation form, `\DDD` and `\.` read; with or without a dot at its end. */
  readonly name: string;
  readonly type: number;
  readonly class?: number;
  /** Opcode and flags as they stand in the header. Default: RD. */
  readonly flags?: number;
  readonly edns?: EdnsParts;
}

export const RD = 0x0100;

/** With an ID of zero, for the asker to fill in. */
export function queryOctets({
  name,
  type,
  class: class_ = CLASSES.IN,
  flags = RD,
  edns,
}: QueryParts): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(edns === undefined ? 0 : 1, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(type, 0);
  tail.writeUInt16BE(class_, 2);
  return Buffer.concat([header, nameOctets(name), tail, ...(edns === undefined ? [] : [optOctets(edns)])]);
}

function nameOctets(name: string): Buffer {
  const labels = labelsOf(name);
  const parts = labels.flatMap((label) => [Buffer.of(label.length), label]);
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** The labels of a name in presentation form. */
export function labelsOf(name: string): Buffer[] {
  const texts = name.replace(/\.$/, '').match(/(?:\\\d{3}|\\.|[^.\\])+/g) ?? [];
  return texts.map((text) =>
    Buffer.from(
      text.replace(/\\(\d{3})|\\(.)/g, (_, code, plain) =>
        code ? String.fromCharCode(Number(code)) : plain,
      ),
      'latin1',
    ),
  );
}

function optOctets({ size, version = 0, flags = 0, options = [] }: EdnsParts): Buffer {
  const data = Buffer.concat(
    options.flatMap((option) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(option.code, 0);
      head.writeUInt16BE(option.data.length, 2);
      return [head, Buffer.from(option.data)];
    }),
  );
  const fixed = Buffer.alloc(11);
  fixed.writeUInt16BE(OPT, 1);
  fixed.writeUInt16BE(size, 3);
  fixed.writeUInt8(version, 6);
  fixed.writeUInt16BE(flags, 7);
  fixed.writeUInt16BE(data.length, 9);
  return Buffer.concat([fixed, data]);
}
