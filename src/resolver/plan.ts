/** Which names stand for the one that a program asks for, before anything was asked. */
import { Name, PresentationError } from '../dns/index.ts';
import { limits } from '../limits.ts';
import type { Libc, ResolvConf } from './conf.ts';
import { isBefore124 } from './version.ts';

/** A name that may be asked. */
export interface Step {
  /** In presentation form; of an impossible name what the library put together. */
  readonly text: string;
  /**
   * `impossible`: no message can hold it, a label or the whole is too long, or a label is empty. `malformed`: the library sends
   * a broken query for it.
   */
  readonly name: Name | 'impossible' | 'malformed';
  /**
   * `first`: as it is, before the search list; `search`: with a domain of the list; `last`: as it is, behind the list.
   */
  readonly phase: 'first' | 'search' | 'last';
  /** Whether the search list said "as it is" itself, by the domain `.`. */
  readonly isRoot: boolean;
}

export interface PlanOptions {
  readonly conf: ResolvConf;
  readonly libc: Libc;
  readonly muslVersion: string;
}

/** Every step in order; whether a later one is taken depends on what the earlier ones brought (`rules.ts`). */
export function plan(text: string, options: PlanOptions): Step[] {
  return options.libc === 'glibc' ? glibcPlan(text, options.conf) : muslPlan(text, options);
}

/** glibc, resolv/res_query.c: as it is first where there are dots enough, then the list, else as it is last. */
function glibcPlan(text: string, { ndots, search, flags }: ResolvConf): Step[] {
  if (text === '') return [];
  const dots = countDots(text);
  if (text.endsWith('.')) return [step(text, 'first')];
  const searched = search.slice(0, limits.resolverSearchDomains).map((domain) => {
    // `.` and `.example` are taken for `` and `example`.
    const suffix = domain.replace(/^\./, '');
    return step(`${text}.${suffix}`, 'search', suffix === '');
  });
  if (dots >= ndots) return [step(text, 'first'), ...searched];
  const asIs = dots > 0 || searched.length === 0 || !flags.has('no-tld-query');
  return asIs ? [...searched, step(text, 'last')] : searched;
}

/** musl, src/network/lookup_name.c: with dots enough the list is not looked at; as it is always comes last. */
function muslPlan(text: string, { conf: { ndots, search }, muslVersion }: PlanOptions): Step[] {
  // Longer than 254 octets, empty, or ending in two dots: nothing is asked.
  const length = Buffer.byteLength(text);
  if (length === 0 || length > 254 || /(^|\.)\.$/.test(text)) return [];
  if (countDots(text) >= ndots || text.endsWith('.')) return [step(text, 'last')];
  const list = search
    .slice(0, limits.resolverSearchDomains)
    // A whole that its buffer has no room for is passed over in every version.
    .filter((domain) => Buffer.byteLength(domain) < 256 - length - 1)
    .map((domain): Step => {
      const searched = step(`${text}.${domain}`, 'search');
      // Older ones write the second dot into the message.
      return domain === '.' && isBefore124(muslVersion) ? { ...searched, name: 'malformed' } : searched;
    });
  return [...list, step(text, 'last')];
}

function step(text: string, phase: Step['phase'], isRoot = false): Step {
  const dotted = text.endsWith('.') ? text : `${text}.`;
  const name = readName(dotted);
  return { text: typeof name === 'string' ? dotted : name.toString(), name, phase, isRoot };
}

function readName(text: string): Name | 'impossible' {
  try {
    return Name.fromText(text);
  } catch (error) {
    if (error instanceof PresentationError) return 'impossible';
    throw error;
  }
}

function countDots(text: string): number {
  return text.split('.').length - 1;
}
