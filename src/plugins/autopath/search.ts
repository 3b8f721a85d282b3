/** One query on its way along a search path. */
import type { Name } from '../../dns/name.ts';
import { record } from '../../dns/record.ts';
import { Rcode, RrType } from '../../dns/types.ts';
import { limits } from '../../limits.ts';
import type { Handler, Query } from '../plugin.ts';
import { forThisClient, NEVER, type Reply } from '../reply.ts';
import type { Decision } from './decisions.ts';

export class Search {
  readonly #asked: Query;
  readonly #decision: Decision;
  readonly #base: Name;
  /** The reply to the name as asked. */
  #first: Reply | undefined;

  constructor(asked: Query, decision: Decision) {
    this.#asked = asked;
    this.#decision = decision;
    this.#base = asked.name.prefix(asked.name.labelCount - decision.path[0].labelCount);
  }

  /** Asks for one name after the other, without a promise while the answers are in memory. */
  run(next: Handler): Reply | Promise<Reply> {
    for (;;) {
      const place = this.#nextPlace();
      if (place === 0 && this.#first !== undefined) return this.#first;
      const candidate = this.#candidateAt(place);
      const reply = next(candidate);
      if (reply instanceof Promise) {
        return reply.then((settled) => this.#judge(settled, place, candidate.name) ?? this.run(next));
      }
      const judged = this.#judge(reply, place, candidate.name);
      if (judged !== undefined) return judged;
    }
  }

  /** A name that no message can hold exists nowhere. */
  #nextPlace(): number {
    const { path } = this.#decision;
    const roomBytes = limits.nameBytes - (this.#base.wire.length - 1);
    while ((path[this.#decision.place] ?? path[0]).wire.length > roomBytes) this.#pass();
    return this.#decision.place;
  }

  #candidateAt(place: number): Query {
    const domain = this.#decision.path[place];
    if (place === 0 || domain === undefined) return this.#asked;
    return this.#asked.withQuestion(this.#base.concat(domain), this.#asked.type);
  }

  /** The reply for the client; undefined where the search goes on. */
  #judge(reply: Reply, place: number, candidate: Name): Reply | undefined {
    const decision = this.#decision;
    if (place === 0) this.#first = forThisClient(reply);
    if (isFailure(reply)) return forThisClient(reply);
    // Meanwhile another query for the name has found out more.
    if (decision.place !== place) return undefined;
    if (reply.rcode === Rcode.NXDOMAIN) {
      if (!decision.isFinal) {
        this.#pass();
        return undefined;
      }
      decision.isOutdated ||= place > 0;
    }
    decision.isFinal = true;
    if (place === 0) return this.#first;
    return this.#withAlias(reply, candidate, place === decision.path.length - 1);
  }

  /** Nothing exists at this place; behind the last one the reply to the name as asked stands. */
  #pass(): void {
    const decision = this.#decision;
    decision.place++;
    if (decision.place < decision.path.length) return;
    decision.place = 0;
    decision.isFinal = true;
  }

  /** The reply for the candidate as one for the name that was asked for. */
  #withAlias(reply: Reply, candidate: Name, isLast: boolean): Reply {
    const own = reply.answer.find(({ owner }) => owner.equals(candidate)) ?? reply.answer[0];
    // NODATA: behind an alias glibc searches no further, which is right only where there is nothing left.
    const soa = isLast ? reply.authority.find(({ type }) => type === RrType.SOA) : undefined;
    const ttl = own?.ttl ?? soa?.ttl;
    if (reply.rcode !== Rcode.NOERROR || ttl === undefined) return forThisClient(reply);
    const alias = record(this.#asked.name, ttl, { kind: 'CNAME', target: own?.owner ?? candidate });
    return { ...reply, answer: [alias, ...reply.answer], validity: NEVER };
  }
}

/** It says neither that a name exists nor that it does not: nobody knows what a client would have got behind it. */
function isFailure({ rcode, error, dropped }: Reply): boolean {
  return dropped || error !== undefined || (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN);
}
