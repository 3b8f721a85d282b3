/** The kernel's bound of what waits in a UDP socket, the same for all that are compared. */
import { readFileSync, writeFileSync } from 'node:fs';

const RMEM_DEFAULT = '/proc/sys/net/core/rmem_default';
const RMEM_MAX = '/proc/sys/net/core/rmem_max';

export interface ReceiveBuffer extends Disposable {
  /** Octets that every UDP socket has which does not ask for another size. */
  readonly bytes: number;
}

/** Gives every server the same receive buffer, where we may, and puts back what was. */
export function equalReceiveBuffer(): ReceiveBuffer {
  const before = readFileSync(RMEM_DEFAULT, 'utf8').trim();
  const restore = () => writeFileSync(RMEM_DEFAULT, before);
  try {
    writeFileSync(RMEM_DEFAULT, readFileSync(RMEM_MAX, 'utf8').trim());
  } catch {
    return { bytes: Number(before), [Symbol.dispose]() {} };
  }
  process.once('exit', restore);
  return {
    bytes: Number(readFileSync(RMEM_DEFAULT, 'utf8')),
    [Symbol.dispose]() {
      process.off('exit', restore);
      restore();
    },
  };
}
