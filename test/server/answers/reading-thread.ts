/**
 * A thread that reads kept answers all the while and says of each whether it is whole. The octets of an answer are made of its version's
 * number, and so is their count.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AnswerReader, type SharedAnswers } from '../../../src/server/answers/answer-reader.ts';
import { type Memory, memoryOf } from '../../../src/server/memory.ts';
import { faultOf } from './versions.ts';

export interface ReadingData {
  readonly answers: SharedAnswers;
  readonly queries: readonly Uint8Array[];
  /** By question: the newest version whose end was told. */
  readonly ended: Int32Array;
  /** By version: how often this thread has read it. */
  readonly reads: Int32Array;
  /** One word: 1 when there is nothing more to come. */
  readonly isOver: Int32Array;
}

export interface ReadingReport {
  readonly finds: number;
  readonly faults: readonly string[];
}

const QUERY_BYTES = 512;
/** What a torn slot may say that its reply has. */
const REPLY_BYTES = 65_536;
const FAULTS = 20;

interface Asked {
  readonly memory: Memory;
  readonly length: number;
}

function read({ answers, queries, ended, reads, isOver }: ReadingData): ReadingReport {
  const reader = new AnswerReader(answers);
  const asked = queries.map((octets): Asked => {
    const memory = memoryOf(new ArrayBuffer(QUERY_BYTES));
    memory.octets.set(octets);
    return { memory, length: octets.length };
  });
  const out = memoryOf(new ArrayBuffer(REPLY_BYTES));
  const faults: string[] = [];
  let finds = 0;
  for (; Atomics.load(isOver, 0) === 0 && faults.length < FAULTS; finds++) {
    const at = finds % asked.length;
    const { memory, length } = asked[at] as Asked;
    const floor = Atomics.load(ended, at);
    // Another ID each time.
    memory.words[0] = ((memory.words[0] ?? 0) & 0xffff0000) | (finds & 0xffff);
    const bytes = reader.find(memory, 0, length, 4, out, 0);
    if (bytes === 0) continue;
    const found = faultOf(out, bytes, { question: at, id: finds & 0xffff, after: floor });
    if (typeof found === 'number') reads[found] = (reads[found] ?? 0) + 1;
    else faults.push(found);
  }
  return { finds, faults };
}

const data: ReadingData = workerData;
parentPort?.postMessage('ready');
parentPort?.postMessage(read(data));
