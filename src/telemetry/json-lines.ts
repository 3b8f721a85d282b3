/** Log lines as JSON objects, for collectors. Apart from the logger, since few need pino and it takes time to load. */
import { pino } from 'pino';
import { cut, type LineFormat } from './process-logger.ts';

const PINO_LEVELS = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
} as const;

/** `{"level":"info","time":"...","plugin":"...","msg":"..."}`. */
export const jsonLines: LineFormat = (write) => {
  const root = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
    },
    { write: (line: string) => void write(line) },
  );
  const children = new Map<string, typeof root>();
  const ofPlugin = (plugin: string) => {
    const child = children.get(plugin) ?? root.child({ plugin });
    children.set(plugin, child);
    return child;
  };
  return (level, plugin, line) => {
    (plugin === undefined ? root : ofPlugin(plugin))[PINO_LEVELS[level]](cut(line));
  };
};
