/** Lines of a hosts file, indexed: records by name, names by address. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseAddress } from '../../dns/address.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { limits } from '../../limits.ts';

export type AddressKind = 'A' | 'AAAA';

export interface TableOptions {
  /** Seconds. */
  readonly ttl: number;
  /** Names outside these zones are left out. */
  readonly zones: readonly Name[];
  /** Whether addresses lead back to names. */
  readonly reverse: boolean;
}

type RecordsByKey = Map<string, ResourceRecord[]>;

const NOTHING: readonly ResourceRecord[] = [];
const NO_NAMES: readonly Name[] = [];
/** What IPv4 addresses begin with when they are written as IPv6 (RFC 4291 §2.5.5.2). */
const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex');

export class HostTable {
  readonly #options: TableOptions;
  readonly #own: Readonly<Record<AddressKind, RecordsByKey>> = { A: new Map(), AAAA: new Map() };
  /** By the name behind `*.`. */
  readonly #wild: Readonly<Record<AddressKind, RecordsByKey>> = { A: new Map(), AAAA: new Map() };
  readonly #names = new Map<string, Name[]>();
  /** Block lists have one address in all lines: they share its octets. */
  #lastAddress: Uint8Array = new Uint8Array(0);
  #nameCount = 0;
  #size = 0;
  /** Names left out because they are no domain names. */
  illegalNames = 0;
  /** Names left out because there are too many. */
  surplusNames = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** As CoreDNS counts: addresses of names, and names of addresses. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes `ADDRESS NAME...`; `#` begins a comment, and a scope (`%eth0`) is dropped.
   * @returns whether the line begins with an address, or holds nothing
   */
  add(line: string): boolean {
    const comment = line.indexOf('#');
    const [first, ...names] = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    if (first === undefined || first === '') return true;
    const address = this.#address(first);
    if (address === undefined) return false;
    for (const name of names) this.#addName(name, address);
    return true;
  }

  /** Takes every line of a text; now and then others have their turn. */
  async addAll(text: string): Promise<void> {
    let lines = 0;
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      this.add(text.slice(start, end));
      start = end + 1;
      lines++;
      if (lines % limits.hostsLinesPerTurn === 0) await nextTurn();
    }
  }

  /** The records of a name, its own or a wildcard's, with the name in lower case. */
  addresses(name: Name, kind: AddressKind): readonly ResourceRecord[] {
    const own = this.#own[kind].get(name.key);
    if (own !== undefined) return own;
    if (this.#wild[kind].size === 0 || name.labelCount < 2) return NOTHING;
    const wild = this.#wild[kind].get(behindFirstLabel(name));
    if (wild === undefined) return NOTHING;
    const owner = lowerCase(name);
    return wild.map((found) => ({ ...found, owner }));
  }

  /** The names of an address, of 4 or 16 octets. */
  names(address: Uint8Array): readonly Name[] {
    return this.#names.get(addressKey(unmapped(address))) ?? NO_NAMES;
  }

  #address(text: string): Uint8Array | undefined {
    const parsed = parseAddress(text.replace(/%.*$/, ''));
    if (parsed === undefined) return undefined;
    const address = unmapped(parsed);
    if (Buffer.compare(address, this.#lastAddress) !== 0) this.#lastAddress = address;
    return this.#lastAddress;
  }

  #addName(text: string, address: Uint8Array): void {
    const name = this.#parse(text);
    if (name === undefined || !this.#options.zones.some((zone) => name.isWithin(zone))) return;
    if (this.#nameCount >= limits.hostsNames) {
      this.surplusNames++;
      return;
    }
    this.#nameCount++;
    const kind = address.length === 4 ? 'A' : 'AAAA';
    const isWild = text.startsWith('*.');
    const table = (isWild ? this.#wild : this.#own)[kind];
    this.#append(table, isWild ? behindFirstLabel(name) : name.key, (records) =>
      record(records[0]?.owner ?? name, this.#options.ttl, { kind, address }),
    );
    if (!isWild && this.#options.reverse) this.#append(this.#names, addressKey(address), () => name);
  }

  #append<V>(table: Map<string, V[]>, key: string, make: (known: readonly V[]) => V): void {
    const values = table.get(key);
    if (values !== undefined && values.length >= limits.hostsRecordsPerName) return;
    if (values === undefined) table.set(key, [make([])]);
    else values.push(make(values));
    this.#size++;
  }

  #parse(text: string): Name | undefined {
    try {
      return Name.fromText(text.toLowerCase());
    } catch (error) {
      if (!(error instanceof PresentationError)) throw error;
      this.illegalNames++;
      return undefined;
    }
  }
}

export function lowerCase(name: Name): Name {
  return Name.trusted(Uint8Array.from(Buffer.from(name.key, 'latin1')));
}

function behindFirstLabel(name: Name): string {
  return name.suffix(name.labelCount - 1).key;
}

function addressKey(address: Uint8Array): string {
  return Buffer.from(address).toString('latin1');
}

function unmapped(address: Uint8Array): Uint8Array {
  const isMapped = address.length === 16 && MAPPED_PREFIX.equals(address.subarray(0, MAPPED_PREFIX.length));
  return isMapped ? address.slice(MAPPED_PREFIX.length) : address;
}
