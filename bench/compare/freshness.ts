/** From the commit of a change at the API server to the first answer that knows it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker } from '../../test/conformance/asker.ts';
import { type ApiWriter, servicesOf } from '../../test/proof/api-writer.ts';
import { answerOf, type Question } from '../../test/proof/questions.ts';
import type { Running } from './servers.ts';

const SPACE = 'team-0';
/** Beyond every TTL of the cache. */
const PATIENCE_MS = 60_000;

export interface Freshness {
  /** Milliseconds of each new Service, whose name was asked for before. */
  readonly created: number[];
  /** The same of each deletion. */
  readonly deleted: number[];
}

export interface Sampling {
  readonly samples: number;
  /** How many are under way at a time. */
  readonly atATime: number;
  /** From one question to the next. */
  readonly pollMs: number;
}

let serial = 0;

export async function freshness(
  { port }: Running,
  writer: ApiWriter,
  { samples, atATime, pollMs }: Sampling,
): Promise<Freshness> {
  await using asker = await Asker.open(port);
  const [created, deleted]: [number[], number[]] = [[], []];
  const sample = async () => {
    const name = `fresh-${++serial}`;
    const question: Question = `${name}.${SPACE}.svc.cluster.local A`;
    const until = async (isThere: boolean, committedAt: number) => {
      while ((await isKnown(asker, question)) !== isThere) {
        if (performance.now() - committedAt > PATIENCE_MS) throw new Error(`${question}: nothing changes`);
        await sleep(pollMs);
      }
      return performance.now() - committedAt;
    };
    await isKnown(asker, question);
    const body = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } };
    const collection = servicesOf(SPACE);
    created.push(await until(true, await writer.write({ verb: 'create', collection, body })));
    deleted.push(await until(false, await writer.write({ verb: 'delete', collection, name })));
  };
  for (let left = samples; left > 0; left -= atATime) {
    await Promise.all(Array.from({ length: Math.min(left, atATime) }, sample));
  }
  return { created, deleted };
}

async function isKnown(asker: Asker, question: Question): Promise<boolean> {
  return (await answerOf(asker, question)).includes('A 10.');
}
