/**
 * `npm run conformance`: the full run. Prints every difference and writes score.json beside this file.
 * `npm run conformance -- 5000 rewrite hosts` asks fewer questions, under these variants alone, and writes nothing.
 */
import { writeFileSync } from 'node:fs';
import { modules, pinnedVersion } from '../peers/peers.ts';
import { run, type VariantResult } from './conformance.ts';
import { describePair } from './describe-pair.ts';
import { scoreOf } from './score.ts';

const SEED = 20_261;
const QUESTIONS = 108_000;
const SERVICES = 80;
const SHOWN_PER_VARIANT = 50;

function report({ variant, asked, equal, different }: VariantResult): void {
  const allowed = asked - equal - different.length;
  console.log(
    `${variant}: ${asked} asked, ${equal} equal, ${allowed} allowed, ${different.length} different`,
  );
  for (const pair of different.slice(0, SHOWN_PER_VARIANT)) console.log(describePair(pair));
}

function versionOf(program: string): string {
  const module = modules.find(({ programs }) => program in programs);
  if (module === undefined) throw new Error(`nothing builds ${program}`);
  return pinnedVersion(module);
}

const [count, ...only] = process.argv.slice(2);
const results = await run({
  seed: SEED,
  generatedServices: SERVICES,
  questions: Number(count ?? QUESTIONS),
  ...(only.length > 0 && { only }),
  onVariant: report,
});
const score = scoreOf(results, {
  coredns: versionOf('coredns'),
  kubernetes: versionOf('kube-apiserver'),
  seed: SEED,
});
if (count === undefined) {
  writeFileSync(new URL('score.json', import.meta.url), `${JSON.stringify(score, null, 2)}\n`);
}
console.log(`${score.asked} asked, ${score.equal} equal, ${score.different} different`);
if (score.different > 0) process.exitCode = 1;
