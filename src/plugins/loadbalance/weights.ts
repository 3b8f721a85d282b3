/** Weights of addresses by the name that has them, as a weight file gives them. */
import { parseAddress } from '../../dns/address.ts';
import { PresentationError } from '../../dns/errors.ts';
import { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';

/** Of an address that the file does not name. */
const DEFAULT_WEIGHT = 1;
const MAX_WEIGHT = 255;

export class Weights {
  static readonly none = new Weights(new Map());

  /** By the owner's key, then by the octets of the address. */
  readonly #byName: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(byName: ReadonlyMap<string, ReadonlyMap<string, number>>) {
    this.#byName = byName;
  }

  /** From 1 to 255. */
  of({ owner, data }: ResourceRecord): number {
    if (data.kind !== 'A' && data.kind !== 'AAAA') return DEFAULT_WEIGHT;
    return this.#byName.get(owner.key)?.get(keyOf(data.address)) ?? DEFAULT_WEIGHT;
  }
}

/**
 * Reads lines with a name alone, each followed by lines `ADDRESS WEIGHT`; lines that are empty or begin with `#` are
 * skipped. Of several weights for one address the first counts.
 * @param path for the messages
 * @throws {Error} a line is none of these
 */
export function parseWeights(text: string, path: string): Weights {
  const byName = new Map<string, Map<string, number>>();
  let current: Map<string, number> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const fields = line.trim().split(/\s+/);
    const [first = '', second] = fields;
    if (first === '' || first.startsWith('#')) continue;
    if (fields.length > 2)
      throw new Error(`could not parse weight line:"${line.trim()}" in weight file ${path}`);
    if (second === undefined) {
      const { key } = parseName(first, path);
      current = byName.get(key) ?? new Map();
      byName.set(key, current);
    } else {
      const address = parseAddress(first);
      if (address === undefined) throw new Error(`wrong IP address:"${first}" in weight file ${path}`);
      const weight = parseWeight(second, path);
      if (current === undefined) throw new Error(`missing domain name in weight file ${path}`);
      const key = keyOf(address);
      if (!current.has(key)) current.set(key, weight);
    }
  }
  return new Weights(byName);
}

function parseName(text: string, path: string): Name {
  if (parseAddress(text) !== undefined) {
    throw new Error(`wrong domain name:"${text}" in weight file ${path}. (Maybe a missing weight value?)`);
  }
  try {
    return Name.fromText(text);
  } catch (error) {
    if (!(error instanceof PresentationError)) throw error;
    throw new Error(`wrong domain name:"${text}" in weight file ${path}: ${error.message}`);
  }
}

function parseWeight(text: string, path: string): number {
  const weight = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (weight < 1 || weight > MAX_WEIGHT)
    throw new Error(`wrong weight value:"${text}" in weight file ${path}`);
  return weight;
}

function keyOf(address: Uint8Array): string {
  return Buffer.from(address).toString('latin1');
}
