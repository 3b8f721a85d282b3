/** A logger that keeps its lines, as they would be written: `[INFO] plugin/health: ...`. */
import type { Logger } from '../../src/telemetry/logger.ts';

export interface RecordingLogger extends Logger {
  readonly lines: string[];
}

export function recordingLogger(lines: string[] = [], prefix = ''): RecordingLogger {
  const at = (level: string) => (line: string) => void lines.push(`[${level}] ${prefix}${line}`);
  return {
    lines,
    debug: at('DEBUG'),
    info: at('INFO'),
    warning: at('WARNING'),
    error: at('ERROR'),
    forPlugin: (name) => recordingLogger(lines, `plugin/${name}: `),
  };
}
