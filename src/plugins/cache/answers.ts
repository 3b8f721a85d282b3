/** Whether records answer a question, aliases followed (RFC 1034 §3.6.2, RFC 2308 §2.2). */
import type { Question } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { RrClass, RrType } from '../../dns/types.ts';

/** What a name is an alias of; undefined where its CNAME records contradict each other (RFC 2181 §10.1). */
type Aliases = ReadonlyMap<string, Name | undefined>;

/**
 * A CNAME question is answered by the alias itself, ANY by whatever the name has, another type by a record of that
 * type where the chain of aliases ends. A chain that loops or forks answers nothing.
 */
export function answersQuestion(question: Question, answer: readonly ResourceRecord[]): boolean {
  const { name, type } = question;
  if (isPlainAnswer(question, answer)) return true;
  const records = answer.filter((record) => hasClass(record, question.class));
  if (type === RrType.ANY) return records.some(({ owner }) => owner.equals(name));
  const aliases = aliasesOf(records);
  if (type === RrType.CNAME) return aliases.get(name.key) !== undefined;
  const end = endOfAliases(name, aliases);
  return end !== undefined && records.some((record) => record.type === type && record.owner.equals(end));
}

/** Most answers: the first record is what was asked for, and no alias says anything about it. */
function isPlainAnswer({ name, type, class: rrClass }: Question, answer: readonly ResourceRecord[]): boolean {
  const [first] = answer;
  if (first?.type !== type || first.class !== rrClass || !first.owner.equals(name)) return false;
  return type !== RrType.CNAME && answer.every(({ data }) => data.kind !== 'CNAME');
}

function hasClass(record: ResourceRecord, rrClass: number): boolean {
  return rrClass === RrClass.ANY || record.class === rrClass;
}

function aliasesOf(records: readonly ResourceRecord[]): Aliases {
  const aliases = new Map<string, Name | undefined>();
  for (const { owner, data } of records) {
    if (data.kind !== 'CNAME') continue;
    const known = aliases.has(owner.key) ? aliases.get(owner.key) : data.target;
    aliases.set(owner.key, known?.equals(data.target) ? known : undefined);
  }
  return aliases;
}

function endOfAliases(start: Name, aliases: Aliases): Name | undefined {
  let name: Name | undefined = start;
  for (let steps = 0; name !== undefined && aliases.has(name.key); steps++) {
    // More steps than aliases: one of them was taken twice.
    if (steps === aliases.size) return undefined;
    name = aliases.get(name.key);
  }
  return name;
}
