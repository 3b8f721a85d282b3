/** Asks one server all the while, and has the ledger judge every answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../cluster/control-plane/control-plane.ts';
import { Asker } from '../conformance/asker.ts';
import type { Random } from '../conformance/world/random.ts';
import { queryBytes } from '../support/ask.ts';
import { until } from '../support/until.ts';
import type { Ledger } from './ledger.ts';
import { answerOf, type Question } from './questions.ts';
import { type DnsServer, isReady, type ServerName, type StartOptions, startServer } from './servers.ts';

const BETWEEN_QUESTIONS_MS = 1;
const FIRST_PATIENCE_MS = 100;

export class Witness implements AsyncDisposable {
  readonly server: DnsServer;
  readonly #asker: Asker;
  readonly #ledger: Ledger;
  readonly #stop = new AbortController();
  #observation: Promise<void> = Promise.resolve();

  private constructor(server: DnsServer, asker: Asker, ledger: Ledger) {
    this.server = server;
    this.#asker = asker;
    this.#ledger = ledger;
  }

  /** Resolves when the server is ready and answers. */
  static async start(
    name: ServerName,
    plane: ControlPlane,
    ledger: Ledger,
    options?: StartOptions,
  ): Promise<Witness> {
    const server = await startServer(name, plane, options);
    await until(`${name} is ready`, () => isReady(server));
    const asker = await Asker.open(server.dnsPort);
    // CoreDNS says that it is ready before it listens.
    const soa = queryBytes('cluster.local', 'SOA');
    await until(`${name} answers`, async () => {
      return (await asker.ask(soa, 'udp', FIRST_PATIENCE_MS)) !== undefined;
    });
    return new Witness(server, asker, ledger);
  }

  ask(question: Question): Promise<string> {
    return this.#ledger.watch(this.server.name, question, () => answerOf(this.#asker, question));
  }

  /** Asks about all names, those that do not change too, until the end. */
  observe(random: Random): void {
    this.#observation = this.#observe(random);
    // Its failure is told by `end`.
    this.#observation.catch(() => {});
  }

  async #observe(random: Random): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { questions } = this.#ledger;
      if (questions.length > 0) await this.ask(random.pick(questions));
      await sleep(BETWEEN_QUESTIONS_MS);
    }
  }

  /** @throws where an answer was lost */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#observation;
  }

  /** Asks until the last of the questions is answered as it should be. */
  async follow(questions: Iterable<Question>): Promise<void> {
    for (const question of questions) {
      await until(`${this.server.name} is right about ${question}`, async () => {
        return (await this.ask(question)) === this.#ledger.current(question);
      });
    }
  }

  /** What is answered otherwise than it should be now. */
  async wrong(): Promise<string[]> {
    const wrong: string[] = [];
    for (const question of this.#ledger.questions) {
      const answer = await this.ask(question);
      const right = this.#ledger.current(question);
      if (answer !== right) wrong.push(`${question}: "${answer}" instead of "${right}"`);
    }
    return wrong;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#observation.catch(() => {});
    await this.#asker[Symbol.asyncDispose]();
    await this.server.child.kill();
  }
}
