/** What the readers of both libraries gather on their way through the file. */
import { MAX_NAMESERVERS, type Remark, type ResolvConf } from './conf.ts';

/** Settings while they are read. */
export type Draft = { -readonly [Field in keyof ResolvConf]: ResolvConf[Field] };

export class Remarks {
  readonly all: Remark[] = [];
  /** Line of the search list that counts so far; 0 for none. */
  #searchLine = 0;

  say(line: number, message: string): void {
    this.all.push({ line, ignored: false, message });
  }

  ignored(line: number, message: string): void {
    this.all.push({ line, ignored: true, message });
  }

  unknownLine(line: number, text: string, libc: string): void {
    const [keyword = ''] = text.trim().split(/\s/, 1);
    if (/^\s/.test(text)) this.ignored(line, `"${keyword}" does not begin the line`);
    else this.ignored(line, `"${keyword}" is nothing to ${libc}`);
  }

  tooManyNameservers(line: number): void {
    this.ignored(line, `${MAX_NAMESERVERS} nameservers are used, this is one more`);
  }

  /** `#` begins a comment at the first column only. */
  comment(line: number, domains: readonly string[]): void {
    const comment = domains.find((domain) => /^[#;]/.test(domain));
    if (comment !== undefined) this.say(line, `"${comment}" begins no comment here: it is a domain`);
  }

  carriageReturn(line: number, text: string): void {
    if (text.endsWith('\r')) this.say(line, 'the carriage return at its end belongs to the last word');
  }

  /** The last search or domain line counts: the one before it is ignored. */
  replaced(line: number): void {
    if (this.#searchLine > 0) this.ignored(this.#searchLine, `line ${line} replaces it`);
    this.#searchLine = line;
  }
}
