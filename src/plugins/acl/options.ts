/** Reads the `acl` directives of a block. */
import { noBlock } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import type { Name } from '../../dns/name.ts';
import { typeNumber } from '../../dns/types.ts';
import { NetSet, parseSubnet, type Subnet } from './net-set.ts';

const ACTIONS = ['allow', 'block', 'filter', 'drop'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Zone {
  readonly name: Name;
  /** Presentation form in lower case. */
  readonly label: string;
}

export interface Policy {
  readonly action: Action;
  /** Undefined: every type. */
  readonly types: ReadonlySet<number> | undefined;
  /** Undefined: every client. */
  readonly nets: NetSet | undefined;
}

export interface Rule {
  /** Longest first. */
  readonly zones: readonly Zone[];
  /** The first that fits decides. */
  readonly policies: readonly Policy[];
}

/** @param blockZones what a rule without zones of its own is for. @throws {CorefileError} */
export function readRule(directive: Directive, blockZones: readonly Name[]): Rule {
  const own = directive.args.flatMap(normalizeZones);
  const zones = own.length > 0 ? own : blockZones;
  return {
    zones: zones
      .map((name) => ({ name, label: name.toString().toLowerCase() }))
      .sort((a, b) => b.name.labelCount - a.name.labelCount),
    policies: (directive.block ?? []).map(readPolicy),
  };
}

function readPolicy(line: Directive): Policy {
  noBlock(line);
  const { name } = line;
  const action = ACTIONS.find((candidate) => candidate === name.text.toLowerCase());
  if (action === undefined) {
    throw errorAt(name, `unexpected token "${name.text}"; expect 'allow', 'block', 'filter' or 'drop'`);
  }
  const { type, net } = readSections(line.args);
  return { action, types: type && readTypes(type), nets: net && readNets(net) };
}

type SectionName = 'type' | 'net';

/** What stands behind each of the words; a word that is repeated adds up. */
function readSections(args: readonly Token[]): { readonly [S in SectionName]?: readonly Token[] } {
  const sections: { [S in SectionName]?: Token[] } = {};
  let section: SectionName | undefined;
  for (const [index, token] of args.entries()) {
    const heading = sectionName(token);
    if (heading !== undefined) {
      section = heading;
      const first = args[index + 1];
      if (first === undefined || sectionName(first) !== undefined) {
        throw errorAt(token, `no token specified in "${heading}" section`);
      }
    } else if (section === undefined) {
      throw errorAt(token, `unexpected token "${token.text}"; expect 'type | net'`);
    } else {
      sections[section] ??= [];
      sections[section]?.push(token);
    }
  }
  return sections;
}

function sectionName({ text }: Token): SectionName | undefined {
  const lower = text.toLowerCase();
  return lower === 'type' || lower === 'net' ? lower : undefined;
}

/** Undefined where one of them is the wildcard: every type. */
function readTypes(tokens: readonly Token[]): ReadonlySet<number> | undefined {
  const types = new Set(tokens.filter(isSpecific).map(readType));
  return tokens.every(isSpecific) ? types : undefined;
}

function readType(token: Token): number {
  const type = typeNumber(token.text);
  if (type === undefined) throw errorAt(token, `unexpected token "${token.text}"; expect legal QTYPE`);
  return type;
}

/** Undefined where one of them is the wildcard: every client. */
function readNets(tokens: readonly Token[]): NetSet | undefined {
  const subnets = tokens.filter(isSpecific).map(readSubnet);
  return tokens.every(isSpecific) ? new NetSet(subnets) : undefined;
}

function readSubnet(token: Token): Subnet {
  const subnet = parseSubnet(token.text);
  if (subnet === undefined) throw errorAt(token, `illegal CIDR notation "${token.text}"`);
  return subnet;
}

function isSpecific({ text }: Token): boolean {
  return text !== '*';
}
