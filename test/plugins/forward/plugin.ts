/** The plugin alone, with its lines as text, for tests of what it does with upstreams. */
import { parseRecord } from '../../../src/dns/index.ts';
import { formatRecord } from '../../../src/dns/text/record.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import type { Handler, Plugin } from '../../../src/plugins/plugin.ts';
import type { Reply } from '../../../src/plugins/reply.ts';
import { native } from '../../support/native.ts';
import { makeQuery, type QueryParts, unreachable } from '../../support/query.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';
import { answerTo, type Upstream, udpUpstream } from './upstreams.ts';

export interface RunningForward extends AsyncDisposable {
  readonly setup: TestSetup;
  readonly serve: Plugin['serve'];
  ask(parts?: QueryParts, next?: Handler): Promise<Reply>;
  /** Value of a line of the metrics; undefined where there is none. */
  metric(line: string): Promise<number | undefined>;
}

/** Set up and started. */
export async function startForward(corefile: string): Promise<RunningForward> {
  const setup = makeSetup({ plugin: 'forward', native });
  const plugin = setUp(forwardPlugin, corefile, setup);
  if (plugin === undefined) throw new Error('no plugin');
  await setup.start();
  return {
    setup,
    serve: (query, next) => plugin.serve(query, next),
    ask: async (parts, next = unreachable) => plugin.serve(makeQuery(parts), next),
    metric: async (line) => {
      const lines = (await setup.context.metrics.exposition()).split('\n');
      const found = lines.find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length + 1));
    },
    [Symbol.asyncDispose]: async () => {
      await setup.shutdown();
      await setup.finalShutdown();
    },
  };
}

/** An upstream that answers every query with one address and this rcode. */
export function addressUpstream(address: string, { rcode = 0, port = 0 } = {}): Promise<Upstream> {
  const answer = rcode === 0 ? [parseRecord(`example.org. 60 A ${address}`)] : [];
  return udpUpstream(({ message, send }) => send(answerTo(message, { answer, rcode })), { port });
}

export function texts(reply: Reply): string[] {
  return reply.answer.map((record) => formatRecord(record).replaceAll('\t', ' '));
}
