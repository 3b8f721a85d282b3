/** Looks names up as a program does that is linked to glibc or musl, and tells how it went. */
import { randomInt } from 'node:crypto';
import { type Question, type ResourceRecord, RrClass, RrType } from '../dns/index.ts';
import { limits } from '../limits.ts';
import { Course } from './candidates.ts';
import { type Libc, MAX_NAMESERVERS, type ResolvConf } from './conf.ts';
import { walksFor } from './getaddrinfo-buffer.ts';
import { GlibcSend, type GlibcState } from './glibc-send.ts';
import { type Attempt, Inquiry } from './inquiry.ts';
import { impossible, isAddressType, type Judgement, judge, malformed, suppressed } from './judge.ts';
import { type Ask, inProcess, type Network } from './line.ts';
import type { QueryOptions } from './match.ts';
import { MuslSend } from './musl-send.ts';
import { plan, type Step } from './plan.ts';
import { glibcAddressErrors, type HostError, muslAddressError, type Rule, type Verdict } from './rules.ts';
import { sockets } from './sockets.ts';
import { DEFAULT_MUSL_VERSION } from './version.ts';

export interface ResolverOptions {
  readonly conf: ResolvConf;
  readonly libc: Libc;
  /** Default: 1.2.5. */
  readonly muslVersion?: string | undefined;
  /** Answers in place of UDP and TCP sockets. */
  readonly ask?: Ask | undefined;
}

/** A type's number, or both address types, as `getaddrinfo` asks for where a program takes either. */
export type LookupType = number | 'A+AAAA';

export interface TriedCandidate {
  /** Fully qualified. */
  readonly name: string;
  readonly phase: Step['phase'];
  readonly verdict: Verdict;
  /** What the library does then, and why. */
  readonly action: Rule['action'];
  readonly because: string;
  readonly attempts: readonly Attempt[];
}

export interface Resolution {
  /** `not-asked`: the library answers without asking; the name is none for it, or the type is beyond it. */
  readonly outcome: Verdict | 'not-asked';
  /** The candidate that has the records; undefined where none has. */
  readonly name: string | undefined;
  /** With the CNAMEs on the way. */
  readonly records: readonly ResourceRecord[];
  /** The least of the records, in seconds. */
  readonly ttl: number | undefined;
  /** Of the last walk. */
  readonly candidates: readonly TriedCandidate[];
  /** How often the library walked from the first candidate on: glibc begins anew where addresses do not fit its buffer. */
  readonly walks: number;
  /** Every query that was sent, in the order in which they ended. */
  readonly attempts: readonly Attempt[];
  /**
   * What the program gets: `EAI_NONAME`, `EAI_AGAIN`, `EAI_NODATA` for addresses (`getaddrinfo`), for other types `h_errno` as
   * in `HOST_NOT_FOUND` (`res_search`, `res_query`); undefined for success.
   */
  readonly libcError: string | undefined;
}

/** What one walk through the candidates comes to. */
type Walk = Omit<Resolution, 'walks' | 'attempts'>;

/** A candidate with what became of it. */
interface Tried extends Judgement {
  readonly step: Step;
  readonly rule: Rule;
  readonly attempts: readonly Attempt[];
}

/** RESOLV_EDNS_BUFFER_SIZE of glibc. */
const GLIBC_UDP_SIZE = 1200;
/** A type above this has no place in a query of musl. */
const MUSL_TYPE_MAX = 255;

export class Resolver {
  readonly #conf: ResolvConf;
  readonly #libc: Libc;
  readonly #muslVersion: string;
  readonly #network: Network;
  readonly #state: GlibcState;

  constructor({ conf, libc, muslVersion = DEFAULT_MUSL_VERSION, ask }: ResolverOptions) {
    this.#conf = bounded(conf);
    this.#libc = libc;
    this.#muslVersion = muslVersion;
    this.#network = ask === undefined ? sockets : inProcess(ask);
    const inTurn = conf.flags.has('single-request') ? 'in-turn' : 'together';
    this.#state = {
      mode: conf.flags.has('single-request-reopen') ? 'reopen' : inTurn,
      rotation: randomInt(MAX_NAMESERVERS),
    };
  }

  /**
   * Never rejects for what servers do or do not do.
   * @throws by rejection: the signal's reason; what `ask` throws; {WireError} a type of more than 16 bits
   */
  async resolve(name: string, type: LookupType, options: { signal?: AbortSignal } = {}): Promise<Resolution> {
    const signal = options.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const types = this.#types(type);
    const inquiry = new Inquiry(this.#network, this.#libc, this.#queryOptions(types), signal);
    const close = () => inquiry.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      let found = this.#resolution(await this.#walk(name, types, inquiry), types);
      let walks = 1;
      while (walks < this.#walksFor(found, type)) {
        found = this.#resolution(await this.#walk(name, types, inquiry), types);
        walks++;
      }
      return { ...found, walks, attempts: inquiry.attempts };
    } finally {
      signal.removeEventListener('abort', close);
      inquiry.close();
    }
  }

  #types(type: LookupType): number[] {
    if (type !== 'A+AAAA') return [type];
    return this.#conf.flags.has('no-aaaa') ? [RrType.A] : [RrType.A, RrType.AAAA];
  }

  #queryOptions(types: readonly number[]): QueryOptions {
    const { flags } = this.#conf;
    // musl clears AD for addresses only.
    if (this.#libc === 'musl') return { ad: !types.every(isAddressType), udpSize: undefined };
    return { ad: flags.has('trust-ad'), udpSize: flags.has('edns0') ? GLIBC_UDP_SIZE : undefined };
  }

  #walksFor({ name = '', records }: Walk, type: LookupType): number {
    return this.#libc === 'glibc' && type === 'A+AAAA' ? walksFor(name, records) : 1;
  }

  async #walk(name: string, types: readonly number[], inquiry: Inquiry): Promise<Tried[]> {
    const course = new Course(this.#plan(name, types), this.#libc, this.#muslVersion);
    const tried: Tried[] = [];
    for (let step = course.next(); step !== undefined; step = course.next()) {
      const before = inquiry.attempts.length;
      const judgement = await this.#try(step, types, inquiry);
      await inquiry.settle();
      const attempts = inquiry.attempts.slice(before);
      tried.push({ ...judgement, step, rule: course.judge(judgement.verdict), attempts });
    }
    return tried;
  }

  #plan(name: string, types: readonly number[]): Step[] {
    const areAddresses = types.every(isAddressType);
    const steps = plan(name, { conf: this.#conf, libc: this.#libc, muslVersion: this.#muslVersion });
    if (this.#libc === 'glibc') return areAddresses && !isHostName(name) ? [] : steps;
    // musl: `res_search` is `res_query`, which knows no search list.
    if (areAddresses) return steps;
    return types.some((type) => type > MUSL_TYPE_MAX) ? [] : steps.filter(({ phase }) => phase === 'last');
  }

  async #try({ name }: Step, types: readonly number[], inquiry: Inquiry): Promise<Judgement> {
    if (typeof name === 'string') return name === 'impossible' ? impossible : malformed;
    if (this.#conf.flags.has('no-aaaa') && types.every((type) => type === RrType.AAAA)) return suppressed;
    const questions: Question[] = types.map((type) => ({ name, type, class: RrClass.IN }));
    const send =
      this.#libc === 'glibc'
        ? new GlibcSend(this.#conf, inquiry, this.#state, questions)
        : new MuslSend(this.#conf, inquiry, questions, this.#muslVersion);
    return judge(await send.run(), this.#libc);
  }

  #resolution(tried: readonly Tried[], types: readonly number[]): Walk {
    const decisive = this.#libc === 'glibc' ? decisiveForGlibc(tried) : tried.at(-1);
    const isAnswer = decisive?.verdict === 'answer';
    const records = isAnswer ? decisive.records : [];
    return {
      outcome: decisive?.verdict ?? 'not-asked',
      name: isAnswer ? decisive.step.text : undefined,
      records,
      ttl: records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl)),
      candidates: tried.map(({ step, verdict, rule, attempts }) => ({
        name: step.text,
        phase: step.phase,
        verdict,
        action: rule.action,
        because: rule.because,
        attempts,
      })),
      libcError: this.#libcError(decisive, types),
    };
  }

  #libcError(decisive: Tried | undefined, types: readonly number[]): string | undefined {
    const error: HostError | undefined = decisive === undefined ? 'HOST_NOT_FOUND' : decisive.error;
    if (error === undefined || !types.every(isAddressType)) return error;
    if (this.#libc === 'glibc') return glibcAddressErrors[error];
    return muslAddressError(decisive?.verdict ?? 'impossible', this.#muslVersion);
  }
}

/**
 * glibc: which failure is reported. That of the name as it is, where it came first; else NODATA of a search domain, else
 * SERVFAIL of one, else the last.
 */
function decisiveForGlibc(tried: readonly Tried[]): Tried | undefined {
  const last = tried.at(-1);
  const endsThere =
    last?.rule.action === 'done' || (last?.verdict === 'unreachable' && last.step.phase === 'search');
  if (endsThere) return last;
  const searched = tried.filter(({ step }) => step.phase === 'search');
  return (
    tried.find(({ step }) => step.phase === 'first') ??
    searched.find(({ verdict }) => verdict === 'nodata') ??
    searched.find(({ verdict }) => verdict === 'servfail') ??
    last
  );
}

/** glibc asks for no address of a name with other characters, or that begins with a hyphen. */
function isHostName(name: string): boolean {
  return /^(?!-)[\w-]+(\.[\w-]+)*\.?$/.test(name);
}

/** Settings that no file could have are cut to what one could. */
function bounded(conf: ResolvConf): ResolvConf {
  return {
    ...conf,
    nameservers: conf.nameservers.slice(0, MAX_NAMESERVERS),
    attempts: Math.min(conf.attempts, limits.resolverAttempts),
    timeoutSeconds: Math.min(conf.timeoutSeconds, limits.resolverTimeoutSeconds),
  };
}
