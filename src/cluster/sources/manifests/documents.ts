/** Text of a file -> its YAML or JSON documents, with the lines that messages point to. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type ScalarTag,
  visit,
} from 'yaml';
import { limits } from '../../../limits.ts';
import type { Json } from '../../trim.ts';
import { placesInJson } from './json-text.ts';

export interface ManifestDocument {
  readonly json: Json;
  /** Where the document begins, from 1. */
  readonly line: number;
  /** Where each element of its `items` begins; empty where it has none. */
  readonly itemLines: readonly number[];
}

/** A file that cannot be read as a whole. */
export class ManifestError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'ManifestError';
    this.line = line;
  }
}

/** @throws {ManifestError} the text is not YAML, or is made to exhaust its reader */
export function parseYaml(text: string): ManifestDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The library compares every key with every other one of its map; `check` does it in one pass.
    uniqueKeys: false,
    // Dates, sets and octets have no JSON, even where a file says that it is YAML 1.1.
    schema: 'core',
    resolveKnownTags: false,
    merge: true,
    customTags: YAML_1_1_BOOLEANS,
  });
  return documents.map((document) => readYaml(document, (offset) => lineOf(lines, offset)));
}

/** kubectl reads YAML 1.1, in which these words are booleans; the library's core schema is that of YAML 1.2. */
const YAML_1_1_BOOLEANS: ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:bool', default: true, test: /^(?:yes|Yes|YES|on|On|ON)$/, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: /^(?:no|No|NO|off|Off|OFF)$/, resolve: () => false },
];

type LineOf = (offset: number) => number;

function readYaml(document: Document.Parsed, line: LineOf): ManifestDocument {
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : firstLine(error.message);
    throw new ManifestError(`bad YAML: ${message}`, line(error.pos[0]));
  }
  check(document, line);
  const begin = line(document.contents?.range[0] ?? document.range[0]);
  try {
    const json = document.toJS({ maxAliasCount: limits.manifestAliasNodes }) as Json;
    return { json, line: begin, itemLines: itemLines(document, line) };
  } catch (caught) {
    // What is left are aliases that multiply; the library does not say where.
    if (!(caught instanceof ReferenceError)) throw caught;
    throw new ManifestError('bad YAML: aliases stand for too many nodes', begin);
  }
}

/** What the library would accept, would take too long over, or would not tell the place of. */
function check(document: Document.Parsed, line: LineOf): void {
  const anchors = new Set<string>();
  let aliases = 0;
  const fail = (message: string, node: { range?: readonly number[] | null | undefined }): never => {
    throw new ManifestError(`bad YAML: ${message}`, line(node.range?.[0] ?? document.range[0]));
  };
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        if (!anchors.has(node.source)) fail(`no anchor &${node.source} above`, node);
        if (++aliases > limits.manifestAliases) fail(`more than ${limits.manifestAliases} aliases`, node);
        return;
      }
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (!isMap(node)) return;
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) fail('a key that is not plain text', node);
        else if (seen.has(key.value)) fail(`the key '${String(key.value)}' is here twice`, key);
        else seen.add(key.value);
      }
    },
  });
}

function itemLines(document: Document.Parsed, line: LineOf): number[] {
  const items: unknown = isMap(document.contents) ? document.contents.get('items', true) : undefined;
  if (!isSeq<{ range?: readonly number[] | null }>(items)) return [];
  return items.items.map((item) => line(item.range?.[0] ?? document.range[0]));
}

function lineOf(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

/** @throws {ManifestError} the text is not JSON */
export function parseJson(text: string): ManifestDocument[] {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const places = placesInJson(bare);
  const lines = lineStarts(bare);
  const line = (offset: number) => lineAt(lines, offset);
  if (places.mistake !== undefined) {
    const isEnd = places.mistake === bare.length;
    const found = isEnd ? 'it ends too early' : `unexpected '${bare.charAt(places.mistake)}'`;
    throw new ManifestError(`bad JSON: ${found}`, line(places.mistake));
  }
  const begin = line(bare.search(/\S/));
  return [{ json: JSON.parse(bare) as Json, line: begin, itemLines: places.items.map(line) }];
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line, from 1, of an offset: the last line that starts at or before it. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
