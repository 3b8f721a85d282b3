/** A connection that carries one question at a time. */
import type { Pending } from './pending.ts';

export interface Connection {
  /** May it carry another question? False for good once it is. */
  readonly usable: boolean;
  /** Begins the message of a time-out: `read udp 10.0.0.2:4242->8.8.8.8:53`. */
  readonly where: string;
  /** One at a time. */
  ask(question: Pending): void;
  close(): void;
}
