/** Asks both servers the same, and sorts what differs by the rule that allows it. */
import { isDeepStrictEqual } from 'node:util';
import { ruleFor } from './allowed.ts';
import type { Asker } from './asker.ts';
import type { Question } from './questions.ts';
import { type Reply, readReply } from './reply.ts';
import type { Variant } from './variants.ts';

/** What came back; undefined where nothing did. */
export interface Pair {
  readonly question: Question;
  readonly variant: Variant;
  readonly coredns: Reply | undefined;
  readonly corvidns: Reply | undefined;
}

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'allowed'; readonly rule: string }
  | { readonly kind: 'different'; readonly pair: Pair };

/** Where one of them has not answered in this time, both are asked again and waited for longer. */
const FIRST_PATIENCE_MS = 400;
const LAST_PATIENCE_MS = 3000;

export async function compare(
  question: Question,
  variant: Variant,
  servers: { readonly coredns: Asker; readonly corvidns: Asker },
): Promise<Verdict> {
  const ask = async (patienceMs: number): Promise<Pair> => {
    const { octets, transport } = question;
    const [coredns, corvidns] = await Promise.all([
      servers.coredns.ask(octets, transport, patienceMs),
      servers.corvidns.ask(octets, transport, patienceMs),
    ]);
    return {
      question,
      variant,
      coredns: coredns && readReply(coredns),
      corvidns: corvidns && readReply(corvidns),
    };
  };
  const first = await ask(FIRST_PATIENCE_MS);
  const oneIsSilent = (first.coredns === undefined) !== (first.corvidns === undefined);
  return judge(oneIsSilent ? await ask(LAST_PATIENCE_MS) : first);
}

function judge(pair: Pair): Verdict {
  if (isDeepStrictEqual(pair.coredns, pair.corvidns)) return { kind: 'equal' };
  const rule = ruleFor(pair);
  return rule === undefined ? { kind: 'different', pair } : { kind: 'allowed', rule };
}
