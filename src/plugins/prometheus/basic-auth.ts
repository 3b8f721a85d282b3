/** Who may scrape: Basic authentication (RFC 7617) against bcrypt hashes, without telling which users there are. */
import { createHash, randomBytes } from 'node:crypto';
import { limits } from '../../limits.ts';
import { TokenBucket } from './rate-limit.ts';
import type { Users } from './web-users.ts';

/** `busy`: too many others are being checked. */
export type Verdict = 'admitted' | 'refused' | 'busy';

/** Whether a bcrypt hash is that of a password. */
export type Compare = (password: string, hash: string) => Promise<boolean>;

interface Credentials {
  readonly user: string;
  readonly password: string;
}

export class BasicAuth {
  readonly #users: Users;
  readonly #hashes: readonly string[];
  readonly #compare: Compare;
  /** Makes what is kept of a password worthless outside this process, and decoys unpredictable. */
  readonly #salt = randomBytes(32);
  /** Digests of credentials that were right, the one unused for longest first. */
  readonly #verified = new Set<string>();
  /** Comparing takes the thread that answers DNS: guessers get little of it. */
  readonly #budget: TokenBucket;
  /** Comparisons under way: scrapers that come at once with the same credentials share one. */
  readonly #running = new Map<string, Promise<boolean>>();

  /** @param users at least one */
  constructor(users: Users, compare: Compare, budget = new TokenBucket(limits.basicAuthRate)) {
    this.#budget = budget;
    this.#users = users;
    this.#hashes = [...users.values()];
    this.#compare = compare;
  }

  /** Loads bcrypt, which nobody without users has to wait for. */
  static async load(users: Users): Promise<BasicAuth> {
    const { compare } = await import('bcryptjs');
    return new BasicAuth(users, compare);
  }

  /** @param authorization the header */
  async check(authorization: string | undefined): Promise<Verdict> {
    const given = readCredentials(authorization);
    if (given === undefined) return 'refused';
    const known = this.#users.get(given.user);
    const hash = known ?? this.#decoy(given.user);
    const key = this.#digest(given.user, given.password, hash).toString('base64');
    if (this.#verified.has(key)) {
      this.#remember(key);
      return 'admitted';
    }
    const matches = this.#running.get(key) ?? this.#start(key, given.password, hash);
    if (matches === undefined) return 'busy';
    if (!(await matches) || known === undefined) return 'refused';
    this.#remember(key);
    return 'admitted';
  }

  #start(key: string, password: string, hash: string): Promise<boolean> | undefined {
    if (this.#running.size >= limits.basicAuthComparisons || !this.#budget.take()) return undefined;
    const matches = this.#compare(password, hash).finally(() => this.#running.delete(key));
    this.#running.set(key, matches);
    return matches;
  }

  /** Somebody's hash, always the same for a name: so an unknown user takes as long as a known one, at any cost. */
  #decoy(user: string): string {
    return this.#hashes[this.#digest(user).readUInt32BE() % this.#hashes.length] ?? '';
  }

  #digest(...parts: readonly string[]): Buffer {
    return createHash('sha256').update(this.#salt).update(JSON.stringify(parts)).digest();
  }

  #remember(key: string): void {
    this.#verified.delete(key);
    this.#verified.add(key);
    const [oldest] = this.#verified;
    if (this.#verified.size > limits.basicAuthVerified && oldest !== undefined) this.#verified.delete(oldest);
  }
}

/** RFC 7617 §2: the user ends at the first colon; RFC 9110 §11.1: the scheme's case is no matter. */
function readCredentials(authorization = ''): Credentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
