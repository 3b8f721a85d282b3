/** What is wrong with the octets of a query, read here by nothing that either server shares. */

export type Flaw =
  | 'record counts'
  | 'two OPT records'
  | 'owner of OPT'
  | 'pointer forward'
  | 'label type'
  | 'address length'
  | undefined;

const A = 1;
const OPT = 41;

export interface AskedFor {
  /** Lower case, with a dot at its end. */
  readonly name: string;
  /** Whether the name had letters in upper case. */
  readonly hasCapitals: boolean;
  readonly type: number;
  readonly class: number;
  readonly opcode: number;
}

/** The first question; what cannot be read is empty or zero. */
export function askedFor(octets: Buffer): AskedFor {
  const labels: string[] = [];
  let at = 12;
  for (let length = octets[at] ?? 0; length > 0 && length < 0x40; length = octets[at] ?? 0) {
    labels.push(`${octets.toString('latin1', at + 1, at + 1 + length)}.`);
    at += length + 1;
  }
  const number = (from: number) => (octets.length < from + 2 ? 0 : octets.readUInt16BE(from));
  const name = labels.join('') || '.';
  return {
    name: name.toLowerCase(),
    hasCapitals: /[A-Z]/.test(name),
    type: number(at + 1),
    class: number(at + 3),
    opcode: ((octets[2] ?? 0) >> 3) & 0xf,
  };
}

/** The first flaw; undefined where the octets are a whole message, perhaps with something behind it. */
export function flawOf(octets: Buffer): Flaw {
  const counts = [4, 6, 8, 10].map((at) => (octets.length < at + 2 ? 0 : octets.readUInt16BE(at)));
  const [questions = 0, ...records] = counts;
  let at = 12;
  let opts = 0;
  for (let nth = 0; nth < questions; nth++) {
    const end = endOfName(octets, at);
    if (typeof end === 'string') return end;
    at = end + 4;
    if (at > octets.length) return 'record counts';
  }
  for (const count of records) {
    for (let nth = 0; nth < count; nth++) {
      const end = endOfName(octets, at);
      if (typeof end === 'string') return end;
      if (end + 10 > octets.length) return 'record counts';
      if (octets.readUInt16BE(end) === OPT) {
        if (++opts === 2) return 'two OPT records';
        if (end !== at + 1) return 'owner of OPT';
      }
      if (octets.readUInt16BE(end) === A && octets.readUInt16BE(end + 8) !== 4) return 'address length';
      at = end + 10 + octets.readUInt16BE(end + 8);
      if (at > octets.length) return 'record counts';
    }
  }
  return undefined;
}

function endOfName(octets: Buffer, start: number): number | Exclude<Flaw, undefined> {
  let at = start;
  for (;;) {
    const length = octets[at];
    if (length === undefined) return 'record counts';
    if (length === 0) return at + 1;
    if (length >= 0xc0) {
      if (at + 1 >= octets.length) return 'record counts';
      return (octets.readUInt16BE(at) & 0x3fff) < start ? at + 2 : 'pointer forward';
    }
    if (length >= 0x40) return 'label type';
    at += length + 1;
  }
}
