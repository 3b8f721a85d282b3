/** The process's log: CoreDNS's text lines, or those of another format. */
import { limits } from '../limits.ts';
import { LogSink } from './log-sink.ts';
import type { Logger } from './logger.ts';

const STDOUT = 1;

export interface LoggerOptions {
  /** How a line is written. Default: CoreDNS's way, `[INFO] plugin/health: ...`, no time. */
  readonly format?: LineFormat;
  /** Whether debug lines are written. */
  readonly debug: boolean;
  /** A descriptor, written to in the background (default: stdout), or anything that takes lines at once. */
  readonly destination?: number | { write(line: string): unknown };
  /** Hears of lines that were lost because the destination is too slow. */
  readonly onDrop?: (lines: number) => void;
}

export interface ProcessLogger extends Logger {
  /** The last line before the process gives up. Written at once. */
  fatal(line: string): void;
  /** Debug lines on or off, for every logger made from this one. */
  setDebug(on: boolean): void;
  /** Blocks until all lines are written. */
  flush(): void;
  /** Waits, for a moment at most, until all lines are out; after it nothing of the log holds the process. */
  close(): Promise<void>;
}

export type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'FATAL';
export type Emit = (level: Level, plugin: string | undefined, line: string) => void;

/** Makes the function that writes lines of a format. */
export type LineFormat = (write: (line: string) => unknown) => Emit;

export function createLogger(options: LoggerOptions): ProcessLogger {
  const { destination = STDOUT, onDrop = () => {} } = options;
  const sink = typeof destination === 'number' ? new LogSink(destination, onDrop) : undefined;
  const writer = typeof destination === 'number' ? undefined : destination;
  const write = (line: string): unknown => (sink ? sink.write(line) : writer?.write(line));
  const format = options.format ?? textLines;
  const emit = format(write);
  const state = { debug: options.debug };
  const log = new LeveledLogger(emit, state, undefined);
  const flush = () => sink?.flush();
  return {
    debug: (line) => log.debug(line),
    info: (line) => log.info(line),
    warning: (line) => log.warning(line),
    error: (line) => log.error(line),
    forPlugin: (name) => log.forPlugin(name),
    fatal: (line) => {
      emit('FATAL', undefined, line);
      flush();
    },
    setDebug: (on) => {
      state.debug = on;
    },
    flush,
    close: async () => sink?.close(),
  };
}

class LeveledLogger implements Logger {
  readonly #emit: Emit;
  readonly #state: { readonly debug: boolean };
  readonly #plugin: string | undefined;

  constructor(emit: Emit, state: { readonly debug: boolean }, plugin: string | undefined) {
    this.#emit = emit;
    this.#state = state;
    this.#plugin = plugin;
  }

  debug(line: string): void {
    if (this.#state.debug) this.#emit('DEBUG', this.#plugin, line);
  }

  info(line: string): void {
    this.#emit('INFO', this.#plugin, line);
  }

  warning(line: string): void {
    this.#emit('WARNING', this.#plugin, line);
  }

  error(line: string): void {
    this.#emit('ERROR', this.#plugin, line);
  }

  forPlugin(name: string): Logger {
    return new LeveledLogger(this.#emit, this.#state, name);
  }
}

/** No object, no JSON, no time: a query log of many thousand lines a second goes through here. */
const textLines: LineFormat = (write) => {
  return (level, plugin, line) => {
    const from = plugin === undefined ? '' : `plugin/${plugin}: `;
    write(`[${level}] ${from}${printable(cut(line))}\n`);
  };
};

/** A line of bounded length. */
export function cut(line: string): string {
  return line.length > limits.logLineChars ? `${line.slice(0, limits.logLineChars)}...` : line;
}

/** Control characters of ASCII and Latin-1, and the two line separators of Unicode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the log
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
const CONTROLS = new RegExp(CONTROL, 'g');

/** Names and errors come from the network: no line feed in them may begin a line of its own. */
function printable(line: string): string {
  return CONTROL.test(line) ? line.replace(CONTROLS, escapeControl) : line;
}

function escapeControl(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
}
