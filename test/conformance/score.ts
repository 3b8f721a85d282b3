/** What a run comes to, and the table of it in docs/conformance.md. */
import { reasons } from './allowed.ts';
import type { VariantResult } from './conformance.ts';

export interface Score {
  readonly coredns: string;
  readonly kubernetes: string;
  readonly seed: number;
  readonly asked: number;
  readonly equal: number;
  /** By rule. */
  readonly allowed: Readonly<Record<string, number>>;
  readonly different: number;
  readonly variants: readonly {
    readonly name: string;
    readonly asked: number;
    readonly equal: number;
    readonly allowed: number;
    readonly different: number;
  }[];
}

export function scoreOf(
  results: readonly VariantResult[],
  run: Pick<Score, 'coredns' | 'kubernetes' | 'seed'>,
): Score {
  const variants = results.map(({ variant: name, asked, equal, allowed, different }) => {
    return { name, asked, equal, allowed: sum(Object.values(allowed)), different: different.length };
  });
  const byRule = [...reasons.keys()].map((rule) => {
    return [rule, sum(results.map(({ allowed }) => allowed[rule] ?? 0))] as const;
  });
  return {
    ...run,
    asked: sum(variants.map(({ asked }) => asked)),
    equal: sum(variants.map(({ equal }) => equal)),
    allowed: Object.fromEntries(byRule),
    different: sum(variants.map(({ different }) => different)),
    variants,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Markdown, with the sentence above it. */
export function tableOf({
  coredns,
  kubernetes,
  seed,
  asked,
  equal,
  allowed,
  different,
  variants,
}: Score): string {
  const meant = sum(Object.values(allowed));
  return [
    `CoreDNS ${coredns}, Kubernetes ${kubernetes}, seed ${seed}: ${asked} questions asked, ${equal} answered alike,`,
    `${meant} otherwise by a rule below, ${different} otherwise.`,
    '',
    '| Variant | Asked | Equal | Allowed | Different |',
    '| --- | --- | --- | --- | --- |',
    ...variants.map(
      (row) => `| ${row.name} | ${row.asked} | ${row.equal} | ${row.allowed} | ${row.different} |`,
    ),
    '',
    '| Allowed difference | Why | Replies |',
    '| --- | --- | --- |',
    ...Object.entries(allowed).map(([rule, count]) => `| ${rule} | ${reasons.get(rule)} | ${count} |`),
  ].join('\n');
}
