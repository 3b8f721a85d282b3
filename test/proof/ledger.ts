/** What every question's right answer was over time, and whether what a server says fits. */
import type { Question } from './questions.ts';
import type { ServerName } from './servers.ts';

export class Ledger {
  /** One after the other, no two alike in a row. The last one holds, or is about to. */
  readonly #answers = new Map<Question, string[]>();
  /** Which of the answers a server has given last. */
  readonly #seen: Readonly<Record<ServerName, Map<Question, number>>> = {
    corvidns: new Map(),
    CoreDNS: new Map(),
  };
  readonly #initial: string;
  /** Answers that were never right, or no longer. */
  readonly violations: Readonly<Record<ServerName, string[]>> = { corvidns: [], CoreDNS: [] };

  /** @param initial what is right of a question before anything is said of it */
  constructor(initial: string) {
    this.#initial = initial;
  }

  get questions(): Question[] {
    return [...this.#answers.keys()];
  }

  current(question: Question): string {
    return this.#answers.get(question)?.at(-1) ?? this.#initial;
  }

  /** To be called before the change is made, for a server may have it before the one who made it. Gives what changes. */
  expect(answers: ReadonlyMap<Question, string>): Question[] {
    const changed = [...answers].filter(([question, answer]) => this.current(question) !== answer);
    for (const [question, answer] of changed) {
      const known = this.#answers.get(question);
      if (known === undefined) this.#answers.set(question, [this.#initial, answer]);
      else known.push(answer);
    }
    return changed.map(([question]) => question);
  }

  /**
   * Asks and notes the answer. It must be that of the moment when the question was sent, as the server knew it then, or a
   * later one: answers may overtake each other.
   */
  async watch(server: ServerName, question: Question, ask: () => Promise<string>): Promise<string> {
    const seen = this.#seen[server];
    const floor = seen.get(question) ?? 0;
    const answer = await ask();
    const answers = this.#answers.get(question) ?? [this.#initial];
    const at = answers.indexOf(answer, floor);
    if (at === -1) {
      const was = answers.includes(answer) ? 'no longer' : 'never';
      this.violations[server].push(
        `${question}: ${was} "${answer}", since ${floor}: ${answers.slice(floor).join(' // ')}`,
      );
    } else if (at > (seen.get(question) ?? 0)) seen.set(question, at);
    return answer;
  }
}
