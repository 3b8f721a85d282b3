/** What a worker does all its life: it waits in the kernel for datagrams, and what it does not know goes into the ring. */
import { getSystemErrorName } from 'node:util';
import { limits } from '../../limits.ts';
import type { Native } from '../../net/native.ts';
import type { Find } from '../answers/find.ts';
import type { Doorbell } from './doorbell.ts';
import { Intake } from './intake.ts';
import { MSG_DONTWAIT } from './message-header.ts';
import type { Ring } from './ring.ts';
import type { WorkerControl } from './worker-control.ts';

export interface ReceiveLoopOptions {
  readonly native: Native;
  readonly fd: number;
  readonly find: Find;
  readonly ring: Ring;
  readonly doorbell: Doorbell;
  readonly control: WorkerControl;
}

/** Waits for the first datagram only. */
const MSG_WAITFORONE = 0x10000;
const EINTR = 4;
const EAGAIN = 11;

/**
 * Returns when it is told to stop and what the kernel held by then is taken.
 * @throws {Error} the socket cannot be read any more
 */
export function receiveLoop({ native, fd, find, ring, doorbell, control }: ReceiveLoopOptions): void {
  let passedOn = false;
  const intake = new Intake({
    native,
    fd,
    find,
    passOn: (memory, envelopeAt, payloadAt, length) => {
      passedOn = ring.push(memory, envelopeAt, payloadAt, length) || passedOn;
    },
    unsent: () => control.countUnsent(),
  });
  // A flood must not keep it from ending.
  for (let last = 0; last < limits.udpDrainBatches; ) {
    const { isStopping } = control;
    const count = intake.read(isStopping ? MSG_DONTWAIT : MSG_WAITFORONE);
    if (passedOn) {
      passedOn = false;
      ring.publish();
      doorbell.ring();
    }
    if (count < 0) checkError(native.errno());
    if (isStopping && count <= 0) return;
    if (isStopping) last++;
  }
}

function checkError(errno: number): void {
  if (errno !== EINTR && errno !== EAGAIN) throw new Error(`recvmmsg: ${getSystemErrorName(-errno)}`);
}
