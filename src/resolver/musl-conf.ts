/** `/etc/resolv.conf` as musl reads it (src/network/resolvconf.c). */
import { DEFAULTS, DNS_PORT, MAX_NAMESERVERS, type Nameserver, type Reading } from './conf.ts';
import { type Draft, Remarks } from './draft.ts';
import { readHost } from './inet-aton.ts';

/** A line is read into 256 octets, the line end and a NUL among them; a longer one is skipped. */
const LINE_BYTES = 254;

const NUMBERS = [
  ['ndots', 'ndots', 15],
  ['attempts', 'attempts', 10],
  ['timeout', 'timeoutSeconds', 60],
] as const;

export function readMuslConf(text: string): Reading {
  const draft = new MuslDraft();
  text.split('\n').forEach((line, index) => {
    draft.line(line, index + 1);
  });
  return draft.reading();
}

class MuslDraft {
  readonly #conf: Draft = { ...DEFAULTS };
  readonly #nameservers: Nameserver[] = [];
  readonly #remarks = new Remarks();

  reading(): Reading {
    const nameservers = this.#nameservers.length > 0 ? this.#nameservers : DEFAULTS.nameservers;
    return { conf: { ...this.#conf, nameservers }, remarks: this.#remarks.all };
  }

  line(line: string, number: number): void {
    if (/^[#;]/.test(line) || line.trim() === '') return;
    const bytes = Buffer.byteLength(line);
    const [, keyword, rest = ''] = /^(nameserver|domain|search|options)(?:\s(.*))?$/s.exec(line) ?? [];
    if (bytes > LINE_BYTES) {
      this.#remarks.ignored(number, `${bytes} octets: musl skips lines of more than ${LINE_BYTES}`);
    } else if (keyword === undefined) this.#remarks.unknownLine(number, line, 'musl');
    else if (keyword === 'nameserver') this.#nameserver(words(rest)[0] ?? '', number);
    else if (keyword === 'options') this.#options(rest, number);
    else this.#search(words(rest), number);
  }

  #nameserver(address: string, number: number): void {
    const host = readHost(address);
    if (this.#nameservers.length === MAX_NAMESERVERS) this.#remarks.tooManyNameservers(number);
    else if (host === undefined || hasUselessScope(host)) {
      this.#remarks.ignored(number, `"${address}" is no address`);
    } else this.#nameservers.push({ host, port: DNS_PORT });
  }

  /** Both keywords mean the same, and an empty line empties the list. */
  #search(domains: readonly string[], number: number): void {
    this.#remarks.comment(number, domains);
    this.#remarks.replaced(number);
    this.#conf.search = domains;
  }

  /** Each option is looked for anywhere in the line: the first place where it stands counts, were it within a word. */
  #options(text: string, number: number): void {
    for (const [name, field, cap] of NUMBERS) {
      const at = text.indexOf(`${name}:`);
      const [digits] = at < 0 ? [] : (/^\d+/.exec(text.slice(at + name.length + 1)) ?? []);
      if (digits === undefined) continue;
      const value = Number(digits);
      if (value > cap) this.#remarks.say(number, `${name}:${value} is above the cap: ${cap} is taken`);
      this.#conf[field] = Math.min(value, cap);
    }
    if (this.#conf.attempts === 0) {
      this.#remarks.say(number, 'attempts:0 makes musl divide by zero: 1 is taken');
      this.#conf.attempts = 1;
    }
    for (const word of words(text)) {
      const isKnown = NUMBERS.some(([name]) => new RegExp(`${name}:\\d`).test(word));
      if (!isKnown) this.#remarks.say(number, `musl has no option "${word}"`);
    }
  }
}

/** An interface by name means something for a link-local address only. */
function hasUselessScope(host: string): boolean {
  const [address = '', scope] = host.split('%');
  return scope !== undefined && /\D/.test(scope) && !/^(fe[89ab].|ff.2):/i.test(address);
}

function words(text: string): string[] {
  return text.split(/[ \t\v\f\r]+/).filter((word) => word !== '');
}
