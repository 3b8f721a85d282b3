/** A difference in words: what was asked, and only what the two said differently. */
import { typeName } from '../../src/dns/index.ts';
import type { Pair } from './compare.ts';
import type { Question } from './questions.ts';

export function describePair({ question, variant, coredns, corvidns }: Pair): string {
  const head = `[${variant.name}] ${describeQuestion(question)}`;
  if (coredns === undefined || corvidns === undefined) {
    const said = (reply: unknown) => (reply === undefined ? 'no reply' : JSON.stringify(reply));
    return `${head}\n  coredns:  ${said(coredns)}\n  corvidns: ${said(corvidns)}`;
  }
  const keys = Object.keys(coredns) as (keyof typeof coredns)[];
  const lines = keys
    .filter((key) => JSON.stringify(coredns[key]) !== JSON.stringify(corvidns[key]))
    .map(
      (key) =>
        `  ${key}\n    coredns:  ${JSON.stringify(coredns[key])}\n    corvidns: ${JSON.stringify(corvidns[key])}`,
    );
  return [head, ...lines].join('\n');
}

function describeQuestion({ parts, octets, transport }: Question): string {
  if (parts === undefined) return `${transport} octets ${octets.toString('hex')}`;
  const { name, type, class: class_ = 1, flags, edns } = parts;
  const extra = [
    ...(class_ === 1 ? [] : [`class ${class_}`]),
    ...(flags === undefined ? [] : [`flags ${flags.toString(16)}`]),
    ...(edns === undefined ? [] : [`edns ${JSON.stringify(edns)}`]),
  ];
  return [transport, name, typeName(type), ...extra].join(' ');
}
