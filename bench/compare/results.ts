/** What one run of the comparison has found: `bench/results.json`. */
import type { Freshness } from './freshness.ts';
import type { Figures } from './measure.ts';
import type { ContestantName } from './servers.ts';
import type { LoadName } from './world.ts';

export interface ContestantResults {
  readonly name: ContestantName;
  readonly readySeconds: number | undefined;
  /** After all loads. */
  readonly rssMiB: number;
  /** One for each round. */
  readonly loads: Partial<Record<LoadName, readonly Figures[]>>;
  /** Milliseconds, of each round: at half of what CoreDNS can. */
  readonly latency: readonly { readonly p50: number; readonly p90: number; readonly p99: number }[];
  readonly freshness: Freshness | undefined;
}

export interface Results {
  readonly rounds: number;
  readonly seconds: number;
  /** Of the latency. */
  readonly rate: number;
  readonly receiveBufferBytes: number;
  readonly rig: { readonly processor: string; readonly kernel: string; readonly node: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly contestants: readonly ContestantResults[];
}
