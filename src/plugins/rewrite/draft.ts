/** A query while rules change it. */
import type { Edns } from '../../dns/message.ts';
import type { Name } from '../../dns/name.ts';
import type { Query } from '../plugin.ts';
import { lowerText, toName } from './names.ts';

export class Draft {
  /** As it came to the plugin. */
  readonly asked: Query;
  type: number;
  class: number;
  edns: Edns | undefined;
  /** Whether what goes on would be another for another client, or another address that it came in on. */
  byClient = false;
  #name: Name;
  #text: string | undefined;

  constructor(asked: Query) {
    this.asked = asked;
    this.type = asked.type;
    this.class = asked.class;
    this.edns = asked.message.edns;
    this.#name = asked.name;
  }

  get name(): Name {
    return this.#name;
  }

  /** The name in lower case, with the final dot. */
  get text(): string {
    this.#text ??= lowerText(this.#name);
    return this.#text;
  }

  /** @throws {IllegalName} */
  rename(text: string): void {
    this.#name = toName(text);
    this.#text = undefined;
  }

  /** What goes on: the query itself where nothing changed. */
  query(): Query {
    const { asked, name, type, edns } = this;
    const sameQuestion = name === asked.name && type === asked.type && this.class === asked.class;
    const query = sameQuestion ? asked : asked.withQuestion(name, type, this.class);
    return edns === asked.message.edns ? query : query.withMessage({ ...query.message, edns });
  }
}
