/** What a rule of `rewrite` is: it changes the question, and says what is to be done to the reply. */
import type { Reply } from '../reply.ts';
import type { Draft } from './draft.ts';

export type ResponseRule = (reply: Reply) => Reply | Promise<Reply>;

export interface Rule {
  /** Whether the rules behind it are left out once it applies. */
  readonly stops: boolean;
  /**
   * Undefined: it does not apply.
   * @throws {IllegalName}
   */
  apply(draft: Draft): readonly ResponseRule[] | undefined;
}

/** A rule but for its mode. */
export type Apply = Rule['apply'];
