/** What `corvidns resolve` prints: the walk for a person, or JSON (docs/resolver.md). */
import { formatRecord, typeName } from '../dns/index.ts';
import {
  type Attempt,
  type Libc,
  type LookupType,
  nameserverText,
  type Reading,
  type Resolution,
  type ResolvConf,
  type TriedCandidate,
} from '../resolver/index.ts';

/** A lookup with all that the report shows. */
export interface Lookup extends Reading {
  readonly name: string;
  readonly type: LookupType;
  readonly libc: Libc;
  readonly muslVersion: string;
  /** Where the settings are from: a file's name, or of which pod. */
  readonly source: string;
  readonly resolution: Resolution;
}

export function resolutionText(lookup: Lookup): string {
  const { resolution, remarks, source } = lookup;
  const lines = [headline(lookup)];
  for (const { line, message } of remarks)
    lines.push(`  ${line > 0 ? `${source}:${line}` : 'RES_OPTIONS'}: ${message}`);
  const width = Math.max(0, ...resolution.candidates.map(({ name }) => name.length));
  resolution.candidates.forEach((candidate, index) => {
    lines.push(
      `${String(index + 1).padStart(3)}  ${candidate.name.padEnd(width)}  ${candidateText(candidate)}`,
    );
  });
  lines.push('', ...end(lookup));
  return `${lines.join('\n')}\n`;
}

function headline({ name, type, libc, muslVersion, conf, source }: Lookup): string {
  const library = libc === 'musl' ? `musl ${muslVersion}` : libc;
  const search = conf.search.length === 0 ? 'no search list' : `search ${conf.search.join(' ')}`;
  const servers = conf.nameservers.map(nameserverText).join(' ');
  return `${name} ${typeText(type)} as ${library} (${source}): ndots ${conf.ndots}, ${search}, server ${servers}`;
}

function candidateText({ verdict, attempts, because }: TriedCandidate): string {
  const came = attemptsText(attempts);
  return `${verdict.toUpperCase()}${came === '' ? '' : ` (${came})`}: ${because}`;
}

/** `A nxdomain, AAAA nxdomain`; with the server where there are several, and how often where it is more than once. */
function attemptsText(attempts: readonly Attempt[]): string {
  const several = new Set(attempts.map(({ server }) => server)).size > 1;
  const texts = attempts.map(({ type, outcome, server, transport }) => {
    const where = `${several ? ` from ${server}` : ''}${transport === 'tcp' ? ' over TCP' : ''}`;
    return `${typeName(type)} ${outcome}${where}`;
  });
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts].map(([text, { length }]) => (length > 1 ? `${text} x${length}` : text)).join(', ');
}

function end({ resolution }: Lookup): string[] {
  const { name, records, outcome, libcError, attempts } = resolution;
  const queries = `${attempts.length} ${attempts.length === 1 ? 'query' : 'queries'}`;
  const counted = `${queries}, ${replies(attempts)} answered${repeated(resolution)}`;
  if (name !== undefined) return [`found ${name}`, ...records.map(recordText), counted];
  const error = libcError === undefined ? 'no error, and no record of the type' : libcError;
  return [`not found: ${outcome.toUpperCase()}, the program gets ${error}`, counted];
}

function repeated({ walks }: Resolution): string {
  if (walks === 1) return '';
  return `: ${walks} times over, for so many addresses do not fit the first buffer of getaddrinfo`;
}

/** One object; fields are only ever added. */
export function resolutionJson(lookup: Lookup): string {
  const { name, type, libc, muslVersion, source, conf, remarks, resolution } = lookup;
  const { outcome, libcError, records, ttl, candidates, walks, attempts } = resolution;
  const report = {
    name,
    type: typeText(type),
    libc,
    muslVersion: libc === 'musl' ? muslVersion : null,
    source,
    conf: confJson(conf),
    remarks,
    outcome,
    libcError: libcError ?? null,
    winner: resolution.name ?? null,
    ttl: ttl ?? null,
    records: records.map(recordText),
    candidates: candidates.map((candidate) => ({
      ...candidate,
      attempts: candidate.attempts.map(attemptJson),
    })),
    walks,
    queries: attempts.length,
    replies: replies(attempts),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function confJson({ nameservers, search, ndots, timeoutSeconds, attempts, flags }: ResolvConf) {
  return {
    nameservers: nameservers.map(nameserverText),
    search,
    ndots,
    timeoutSeconds,
    attempts,
    flags: [...flags],
  };
}

function attemptJson({ type, server, transport, outcome, ms }: Attempt) {
  return { type: typeName(type), server, transport, outcome, ms: Math.round(ms * 1000) / 1000 };
}

const SILENCES: ReadonlySet<string> = new Set<Attempt['outcome']>([
  'timeout',
  'unreachable',
  'broken',
  'closed',
]);

function replies(attempts: readonly Attempt[]): number {
  return attempts.filter(({ outcome }) => !SILENCES.has(outcome)).length;
}

function recordText(record: Parameters<typeof formatRecord>[0]): string {
  return formatRecord(record).replaceAll('\t', ' ');
}

function typeText(type: LookupType): string {
  return typeof type === 'string' ? type : typeName(type);
}
