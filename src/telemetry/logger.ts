/** What the rest of the program knows of logging. CoreDNS's levels; one line a call, no stack traces. */
export interface Logger {
  debug(line: string): void;
  info(line: string): void;
  warning(line: string): void;
  error(line: string): void;
  /** The same logger with `plugin/<name>: ` before every line, as CoreDNS's plugins have it. */
  forPlugin(name: string): Logger;
}
