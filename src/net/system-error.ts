/** What the system says of a call that failed. */
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import type { Native } from './native.ts';

export interface SystemError extends Error {
  readonly code: string;
  /** Negative, as everywhere in Node. */
  readonly errno: number;
  readonly syscall: string;
}

/** To be called right after the call: its error. */
export function systemError(native: Native, syscall: string): SystemError {
  const errno = -native.errno();
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${syscall}: ${getSystemErrorMessage(errno)}`), { code, errno, syscall });
}
