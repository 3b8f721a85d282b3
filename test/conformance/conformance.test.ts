/** CoreDNS and corvidns give the same answers from the same Corefile and the same API server, but for what is meant. */
import { describe, expect, test } from 'vitest';
import { hasControlPlane } from '../cluster/control-plane/control-plane.ts';
import { run } from './conformance.ts';
import { describePair } from './describe-pair.ts';
import { scoreOf } from './score.ts';
import { listenersFor, variantsFor } from './variants.ts';

const SEED = 1;
const QUESTIONS = 5000;
/** Once by the plugins, once more to be noted, once as what was kept. */
const ROUNDS = 3;

describe.skipIf(!hasControlPlane(['coredns']))('CoreDNS and corvidns', () => {
  test(`answer ${QUESTIONS} questions alike, asked again too`, { timeout: 600_000 }, async () => {
    const results = await run({
      ...{ seed: SEED, generatedServices: 40, questions: QUESTIONS, rounds: ROUNDS },
      variants: (surroundings) => [...variantsFor(surroundings), ...listenersFor(surroundings)],
    });
    expect(results.flatMap(({ different }) => different).map(describePair)).toEqual([]);
    const { asked, equal } = scoreOf(results, { coredns: '', kubernetes: '', seed: SEED });
    expect(asked).toBeGreaterThanOrEqual(QUESTIONS * ROUNDS);
    // The rules must stay the exception.
    expect(equal / asked).toBeGreaterThan(0.85);
  });
});
