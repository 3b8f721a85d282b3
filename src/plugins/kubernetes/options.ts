/** Reads a `kubernetes` directive. */

import { parseSelector } from '../../cluster/selector.ts';
import {
  expectArgs,
  noArgs,
  onlyArg,
  parseDuration,
  parseInteger,
  readProperties,
} from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import { normalizeZones } from '../../corefile/zones.ts';
import type { Name } from '../../dns/name.ts';
import { limits } from '../../limits.ts';
import { Fallthrough, parseFallthrough } from '../fallthrough.ts';

export type PodMode = 'disabled' | 'insecure' | 'verified';

export interface KubernetesOptions {
  readonly zones: readonly Name[];
  /** The first zone that is not a reverse one: PTR targets are in it. */
  readonly primary: Name;
  readonly multiclusterZones: readonly Name[];
  readonly namespaces: ReadonlySet<string> | undefined;
  readonly namespaceLabels: string | undefined;
  readonly labels: string | undefined;
  readonly pods: PodMode;
  readonly endpointPodNames: boolean;
  readonly ttl: number;
  readonly endpoints: boolean;
  readonly fallthrough: Fallthrough;
  readonly ignoreEmptyService: boolean;
  readonly zonal: boolean;
  readonly startupTimeoutMs: number;
  /** Files and folders as written; undefined: the API server. */
  readonly manifests: readonly Token[] | undefined;
  readonly endpoint: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  readonly kubeconfig: { readonly file: string; readonly context: string | undefined } | undefined;
  /** What the operator should know of, though it is no mistake. */
  readonly warnings: readonly string[];
}

type Draft = { -readonly [Field in keyof KubernetesOptions]: KubernetesOptions[Field] };

const POD_MODES: ReadonlySet<string> = new Set<PodMode>(['disabled', 'insecure', 'verified']);
const TTL_MAX = 3600;
const REVERSE = /^(.*\.)?(in-addr|ip6)\.arpa\.$/;

/** @throws {CorefileError} with CoreDNS's words where it has some */
export function readOptions(directive: Directive, blockZones: readonly Name[]): KubernetesOptions {
  const zones = directive.args.length > 0 ? directive.args.flatMap(normalizeZones) : blockZones;
  const primary = zones.find((zone) => !isReverse(zone));
  if (primary === undefined) throw errorAt(directive.name, 'non-reverse zone name must be used');
  const draft: Draft = { ...defaults(), zones, primary };
  const places = new Map<string, Token>();
  const readInto = ([name, read]: [string, PropertyReader]) => [
    name,
    (property: Directive) => {
      places.set(name, property.name);
      read(draft, property);
    },
  ];
  readProperties(directive, Object.fromEntries(Object.entries(PROPERTIES).map(readInto)));
  checkTogether(draft, places);
  return draft;
}

export function isReverse(zone: Name): boolean {
  return REVERSE.test(zone.toString().toLowerCase());
}

function defaults(): Omit<Draft, 'zones' | 'primary'> {
  return {
    multiclusterZones: [],
    namespaces: undefined,
    namespaceLabels: undefined,
    labels: undefined,
    pods: 'disabled',
    endpointPodNames: false,
    ttl: 5,
    endpoints: true,
    fallthrough: Fallthrough.none,
    ignoreEmptyService: false,
    zonal: false,
    startupTimeoutMs: limits.startupTimeoutMs,
    manifests: undefined,
    endpoint: undefined,
    tls: undefined,
    kubeconfig: undefined,
    warnings: [],
  };
}

type PropertyReader = (draft: Draft, property: Directive) => void;

const PROPERTIES: Readonly<Record<string, PropertyReader>> = {
  endpoint: readEndpoint,
  tls: (draft, property) => {
    const [cert, key, ca] = expectArgs(property, { min: 3, max: 3 }).map(({ text }) => text);
    draft.tls = { cert: cert ?? '', key: key ?? '', ca: ca ?? '' };
  },
  kubeconfig: (draft, property) => {
    const [file, context] = expectArgs(property, { min: 1, max: 2 }).map(({ text }) => text);
    draft.kubeconfig = { file: file ?? '', context };
  },
  manifests: (draft, property) => {
    draft.manifests = [...(draft.manifests ?? []), ...expectArgs(property, { min: 1 })];
  },
  apiserver_qps: (_draft, property) => checkRate(property, 'apiserver_qps', (text) => Number(text)),
  apiserver_burst: (_draft, property) => checkRate(property, 'apiserver_burst', integerOf),
  apiserver_max_inflight: (_draft, property) => checkRate(property, 'apiserver_max_inflight', integerOf),
  namespaces: (draft, property) => {
    const names = expectArgs(property, { min: 1 }).map(({ text }) => text);
    draft.namespaces = new Set([...(draft.namespaces ?? []), ...names]);
  },
  namespace_labels: (draft, property) => {
    draft.namespaceLabels = readSelector(property, 'namespace_label');
  },
  labels: (draft, property) => {
    draft.labels = readSelector(property, 'label');
  },
  pods: (draft, property) => {
    draft.pods = readPodMode(property);
  },
  endpoint_pod_names: (draft, property) => {
    noArgs(property);
    draft.endpointPodNames = true;
  },
  ttl: (draft, property) => {
    draft.ttl = readTtl(property);
  },
  noendpoints: (draft, property) => {
    noArgs(property);
    draft.endpoints = false;
  },
  fallthrough: (draft, property) => {
    draft.fallthrough = parseFallthrough(property);
  },
  ignore: readIgnore,
  multicluster: readMulticluster,
  zonal: (draft, property) => {
    noArgs(property);
    draft.zonal = true;
  },
  startup_timeout: (draft, property) => {
    draft.startupTimeoutMs = readStartupTimeout(property);
  },
};

function firstArg(property: Directive): Token {
  const [first] = expectArgs(property, { min: 1 });
  if (first === undefined) throw argumentError(property);
  return first;
}

function readEndpoint(draft: Draft, property: Directive): void {
  const url = firstArg(property);
  if (!URL.canParse(url.text))
    throw errorAt(url, `endpoint '${url.text}' is not a URL: write https://HOST:PORT`);
  if (property.args.length > 1) {
    draft.warnings = [...draft.warnings, `multiple endpoints are not supported: only ${url.text} is used`];
  }
  draft.endpoint = url.text;
}

function integerOf(text: string): number {
  return /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** The client of CoreDNS has these limits; a watch needs a handful of requests, so here they are only checked. */
function checkRate(property: Directive, name: string, parse: (text: string) => number): void {
  const token = onlyArg(property);
  const value = token.text === '' ? Number.NaN : parse(token.text);
  if (!Number.isFinite(value)) throw errorAt(token, `invalid ${name} "${token.text}": not a number`);
  if (value < 0) throw errorAt(token, `${name} must be >= 0`);
}

function readSelector(property: Directive, name: string): string {
  const text = expectArgs(property, { min: 1 })
    .map((token) => token.text)
    .join(' ');
  try {
    parseSelector(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw errorAt(firstArg(property), `unable to parse ${name} selector value: '${text}': ${message}`);
  }
  return text;
}

function readPodMode(property: Directive): PodMode {
  const token = onlyArg(property);
  if (isPodMode(token.text)) return token.text;
  throw errorAt(token, `wrong value for pods: ${token.text},  must be one of: disabled, verified, insecure`);
}

function isPodMode(text: string): text is PodMode {
  return POD_MODES.has(text);
}

function readTtl(property: Directive): number {
  const token = firstArg(property);
  const ttl = parseInteger(token);
  if (ttl < 0 || ttl > TTL_MAX) throw errorAt(token, `ttl must be in range [0, ${TTL_MAX}]: ${ttl}`);
  return ttl;
}

function readStartupTimeout(property: Directive): number {
  const token = firstArg(property);
  try {
    return parseDuration(token);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw errorAt(token, `failed to parse startup_timeout: ${token.text}, ${message}`);
  }
}

function readIgnore(draft: Draft, property: Directive): void {
  const [what] = property.args;
  if (what === undefined) return;
  if (what.text !== 'empty_service') throw errorAt(what, `unable to parse ignore value: '${what.text}'`);
  draft.ignoreEmptyService = true;
}

function readMulticluster(draft: Draft, property: Directive): void {
  const zones = property.args.length > 0 ? property.args.flatMap(normalizeZones) : draft.zones;
  for (const zone of zones) {
    if (draft.zones.some((own) => own.equals(zone))) continue;
    const own = draft.zones.join(' ');
    const message = `is not authoritative for the multicluster zone ${zone} (authoritative zones: [${own}])`;
    throw errorAt(property.name, message);
  }
  draft.multiclusterZones = zones;
}

function checkTogether(draft: Draft, places: ReadonlyMap<string, Token>): void {
  const at = (name: string, message: string) => {
    const token = places.get(name);
    if (token !== undefined) throw errorAt(token, message);
  };
  if (draft.namespaces !== undefined && draft.namespaceLabels !== undefined) {
    at('namespace_labels', 'namespaces and namespace_labels cannot both be set');
  }
  if (draft.zonal && !draft.endpoints) at('zonal', 'zonal requires the endpoint cache; remove noendpoints');
  if (draft.manifests === undefined) return;
  for (const other of ['endpoint', 'kubeconfig', 'tls']) {
    at(other, `manifests and ${other} cannot both be set: objects come from files or from an API server`);
  }
}
