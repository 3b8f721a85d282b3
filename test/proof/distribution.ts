/** Durations, as a row of a table. */

const PERCENTILES = [50, 90, 99, 100];

export const DISTRIBUTION_HEADER =
  '| | changes | p50 ms | p90 ms | p99 ms | max ms |\n| --- | --- | --- | --- | --- | --- |';

export function distributionRow(title: string, milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (percent: number) =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
  const cells = PERCENTILES.map((percent) => at(percent).toFixed(1));
  return `| ${[title, sorted.length, ...cells].join(' | ')} |`;
}
