/** Questions, and their answers in a form in which two servers can be compared. */
import { decodeMessage } from '../../src/dns/index.ts';
import { formatRecord } from '../../src/dns/text/record.ts';
import type { Asker } from '../conformance/asker.ts';
import { queryBytes } from '../support/ask.ts';

/** `name type`. */
export type Question = string;

const PATIENCE_MS = 5_000;

/** Rcode, then type and data of each record of the answer, in an order that does not depend on the server's. */
export function answerText(rcode: number, records: readonly string[]): string {
  return [rcode, ...records.toSorted()].join(' | ');
}

/** @throws where no answer comes */
export async function answerOf(asker: Asker, question: Question): Promise<string> {
  const [name = '', type = ''] = question.split(' ');
  const reply = await asker.ask(queryBytes(name, type), 'udp', PATIENCE_MS);
  if (reply === undefined) throw new Error(`no answer to ${question}`);
  const { rcode, answer } = decodeMessage(reply);
  return answerText(
    rcode,
    answer.map((record) => textOf(formatRecord(record))),
  );
}

/** Without owner and TTL, and an SRV without its priority and weight: these follow from how many there are. */
function textOf(record: string): string {
  const [, , , type = '', data = ''] = record.split('\t');
  return `${type} ${type === 'SRV' ? data.split(' ').slice(2).join(' ') : data}`;
}
