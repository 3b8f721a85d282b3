/** Knot DNS as a secondary of the cluster's zone: what it got by AXFR it answers as corvidns does. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { freePorts } from '../support/free-ports.ts';
import { cleanUp, makeFolder } from '../support/program.ts';
import { startServer } from '../support/server.ts';
import { transfer } from '../support/transfer.ts';
import { until } from '../support/until.ts';

const WORLD = new URL('world', import.meta.url).pathname;
const ZONE = 'cluster.local';
const hasKnot = spawnSync('knotd', ['--version']).status === 0;

afterEach(cleanUp);

/** Answers what it has transferred. @returns its port */
async function startKnot(primaryPort: number): Promise<number> {
  const folder = makeFolder();
  const [port = 0] = await freePorts(1);
  const configuration = join(folder, 'knot.conf');
  writeFileSync(
    configuration,
    `server:
  rundir: ${folder}
  listen: 127.0.0.1@${port}
database:
  storage: ${folder}
remote:
  - id: primary
    address: 127.0.0.1@${primaryPort}
zone:
  - domain: ${ZONE}
    master: primary
    storage: ${folder}
`,
  );
  const knot = spawn('knotd', ['-c', configuration], { stdio: 'ignore' });
  onTestFinished(async () => {
    const closed = once(knot, 'close');
    knot.kill('SIGKILL');
    await closed;
  });
  await until('Knot has the zone', async () => {
    const reply = await ask(port, ZONE, 'SOA', { transport: 'tcp' }).catch(() => undefined);
    return reply !== undefined && reply.answer.length > 0;
  });
  return port;
}

/** Of `owner TTL IN TYPE rdata`: `owner TYPE`. */
function questionOf(record: string): string {
  const [owner = '', , , type = ''] = record.split(' ');
  return `${owner} ${type}`;
}

test.skipIf(!hasKnot)(
  `a secondary answers as its primary${hasKnot ? '' : ': Knot DNS is not installed'}`,
  async () => {
    await using primary = await startServer(`.:0 {
    bind 127.0.0.1
    transfer {
      to 127.0.0.1
    }
    kubernetes ${ZONE} {
      manifests ${WORLD}
    }
  }`);
    const knot = await startKnot(primary.port);
    const { records } = await transfer(primary.port, ZONE);
    const questions = new Set(records.map(questionOf));
    expect(questions.size).toBeGreaterThan(30);
    for (const question of questions) {
      const [name = '', type = ''] = question.split(' ');
      const [ours, theirs] = await Promise.all([ask(primary.port, name, type), ask(knot, name, type)]);
      const answer = ({ answer }: typeof ours) => answer.toSorted();
      expect(answer(theirs), question).toEqual(answer(ours));
    }
  },
);
