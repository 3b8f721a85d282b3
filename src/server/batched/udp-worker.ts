/** A thread that is blocked in `recvmmsg` on one socket. It loads nothing of plugins and cluster. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadNative } from '../../net/native.ts';
import type { SharedAnswers } from '../answers/answer-reader.ts';
import { findAmong } from '../answers/find.ts';
import { Doorbell } from './doorbell.ts';
import { receiveLoop } from './receive-loop.ts';
import { Ring } from './ring.ts';
import { WorkerControl } from './worker-control.ts';

export interface UdpWorkerData {
  readonly fd: number;
  readonly ring: SharedArrayBuffer;
  readonly doorbell: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly answers: SharedAnswers | undefined;
}

function run({ fd, ring, doorbell, control, answers }: UdpWorkerData): void {
  const native = loadNative();
  if (typeof native === 'string') throw new Error(native);
  parentPort?.postMessage('ready');
  receiveLoop({
    native,
    fd,
    find: findAmong(answers),
    ring: new Ring(ring),
    doorbell: new Doorbell(doorbell),
    control: new WorkerControl(control),
  });
}

run(workerData);
