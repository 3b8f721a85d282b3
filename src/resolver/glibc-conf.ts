/** `/etc/resolv.conf` as glibc 2.26 and newer read it (resolv/res_init.c, resolv/resolv_conf.c). */
import { DEFAULTS, DNS_PORT, type Flag, MAX_NAMESERVERS, type Nameserver, type Reading } from './conf.ts';
import { type Draft, Remarks } from './draft.ts';
import { readHost } from './inet-aton.ts';

/** What glibc takes from elsewhere. */
export interface GlibcSurroundings {
  /** `gethostname`: what is behind its first dot is searched where the file names no domain. */
  readonly hostname?: string | undefined;
  /** The variable `LOCALDOMAIN`: replaces the search list. */
  readonly localDomain?: string | undefined;
  /** The variable `RES_OPTIONS`: options that come last. */
  readonly resOptions?: string | undefined;
}

/** In this order, and by their beginnings: `rotate-please` is `rotate`. */
const FLAGS: readonly (readonly [word: string, flag: Flag])[] = [
  ['rotate', 'rotate'],
  ['edns0', 'edns0'],
  ['single-request-reopen', 'single-request-reopen'],
  ['single-request', 'single-request'],
  ['no_tld_query', 'no-tld-query'],
  ['no-tld-query', 'no-tld-query'],
  ['no-reload', 'no-reload'],
  ['use-vc', 'use-vc'],
  ['trust-ad', 'trust-ad'],
  ['no-aaaa', 'no-aaaa'],
  ['strict-error', 'strict-error'],
];

const NUMBERS = [
  ['ndots', 'ndots', 15],
  ['timeout', 'timeoutSeconds', 30],
  ['attempts', 'attempts', 5],
] as const;

export function readGlibcConf(text: string, surroundings: GlibcSurroundings = {}): Reading {
  const draft = new GlibcDraft();
  const { hostname = '', localDomain, resOptions } = surroundings;
  if (localDomain !== undefined) draft.fixSearch(localDomain);
  text.split('\n').forEach((line, index) => {
    draft.line(line, index + 1);
  });
  const dot = hostname.indexOf('.');
  if (draft.conf.search.length === 0 && dot >= 0) draft.conf.search = [hostname.slice(dot + 1)];
  if (resOptions !== undefined) draft.options(resOptions, 0);
  return draft.reading();
}

class GlibcDraft {
  readonly conf: Draft = { ...DEFAULTS };
  readonly #nameservers: Nameserver[] = [];
  readonly #flags = new Set<Flag>();
  readonly #remarks = new Remarks();
  #searchIsFixed = false;

  reading(): Reading {
    const nameservers = this.#nameservers.length > 0 ? this.#nameservers : DEFAULTS.nameservers;
    return { conf: { ...this.conf, nameservers, flags: this.#flags }, remarks: this.#remarks.all };
  }

  /** An empty LOCALDOMAIN is a list of one empty domain: the name as it is. */
  fixSearch(localDomain: string): void {
    const [line = ''] = localDomain.split('\n');
    this.conf.search = line.trim() === '' ? [''] : words(line);
    this.#searchIsFixed = true;
  }

  line(line: string, number: number): void {
    if (/^[#;]/.test(line) || line.trim() === '') return;
    const [, keyword, rest = ''] = /^(nameserver|domain|search|options|sortlist)[ \t](.*)$/s.exec(line) ?? [];
    if (keyword !== undefined) this.#remarks.carriageReturn(number, line);
    if (keyword === undefined) this.#remarks.unknownLine(number, line, 'glibc');
    else if (keyword === 'nameserver') this.#nameserver(rest, number);
    else if (keyword === 'options') this.options(rest, number);
    else if (keyword !== 'sortlist') this.#search(keyword, rest, number);
  }

  #nameserver(rest: string, number: number): void {
    const [address = ''] = words(rest);
    const host = readHost(address);
    if (host === undefined) this.#remarks.ignored(number, `"${address}" is no address`);
    else if (this.#nameservers.length === MAX_NAMESERVERS) this.#remarks.tooManyNameservers(number);
    else this.#nameservers.push({ host, port: DNS_PORT });
  }

  #search(keyword: string, rest: string, number: number): void {
    const domains = words(rest);
    if (this.#searchIsFixed) this.#remarks.ignored(number, 'LOCALDOMAIN replaces it');
    else if (domains.length === 0) this.#remarks.ignored(number, `${keyword} names no domain`);
    else this.#takeSearch(keyword === 'domain' ? domains.slice(0, 1) : domains, domains.length, number);
  }

  #takeSearch(domains: readonly string[], given: number, number: number): void {
    if (domains.length < given) this.#remarks.say(number, 'of a domain line only the first word counts');
    this.#remarks.comment(number, domains);
    this.#remarks.replaced(number);
    this.conf.search = domains;
  }

  options(text: string, number: number): void {
    for (const { 0: word, index } of text.matchAll(/[^ \t]+/g)) {
      if (!this.#number(text.slice(index), number) && !this.#flag(word.trim())) {
        this.#remarks.say(number, `option "${word.trim()}" is unknown`);
      }
    }
  }

  #number(text: string, number: number): boolean {
    const row = NUMBERS.find(([name]) => text.startsWith(`${name}:`));
    if (row === undefined) return false;
    const [name, field, cap] = row;
    // `strtol` skips blanks, and takes what is no number for 0.
    const [, digits] = /^\s*([+-]?\d+)/.exec(text.slice(name.length + 1)) ?? [];
    const value = Number(digits ?? 0);
    if (digits === undefined) this.#remarks.say(number, `${name} has no number: 0 is taken`);
    if (value > cap) this.#remarks.say(number, `${name}:${value} is above the cap: ${cap} is taken`);
    // A field of four bits holds ndots.
    this.conf[field] = field === 'ndots' ? Math.min(value, cap) & 15 : Math.min(value, cap);
    return true;
  }

  #flag(word: string): boolean {
    const isOff = word.startsWith('-');
    const name = isOff ? word.slice(1) : word;
    const [, flag] = FLAGS.find(([beginning]) => name.startsWith(beginning)) ?? [];
    if (flag === undefined) return false;
    if (isOff) this.#flags.delete(flag);
    else this.#flags.add(flag);
    return true;
  }
}

function words(text: string): string[] {
  return text.split(/[ \t]+/).filter((word) => word !== '');
}
