/** The names that a C library asks for in turn, as long as none exists. */
import type { Libc, ResolvConf } from './conf.ts';
import { plan, type Step } from './plan.ts';
import { afterFirst, lastOne, type Rule, rulesOf, type Verdict } from './rules.ts';
import { DEFAULT_MUSL_VERSION } from './version.ts';

/**
 * What is asked, in order, fully qualified, where every answer is NXDOMAIN. A name that no message can hold is not among them;
 * glibc leaves the list at it, musl passes over it (before 1.2.4: asks no other).
 */
export function candidates(
  name: string,
  conf: ResolvConf,
  libc: Libc,
  muslVersion = DEFAULT_MUSL_VERSION,
): string[] {
  const course = new Course(plan(name, { conf, libc, muslVersion }), libc, muslVersion);
  const asked: string[] = [];
  for (let step = course.next(); step !== undefined; step = course.next()) {
    if (typeof step.name !== 'string') asked.push(step.text);
    course.judge(typeof step.name === 'string' ? step.name : 'nxdomain');
  }
  return asked;
}

/** The way through the steps: which comes next after what the last one brought. */
export class Course {
  readonly #steps: readonly Step[];
  readonly #libc: Libc;
  readonly #muslVersion: string;
  #at = 0;
  #current: Step | undefined;
  #hadRoot = false;

  constructor(steps: readonly Step[], libc: Libc, muslVersion: string) {
    this.#steps = steps;
    this.#libc = libc;
    this.#muslVersion = muslVersion;
  }

  next(): Step | undefined {
    this.#current = this.#steps[this.#at++];
    if (this.#current?.isRoot) this.#hadRoot = true;
    return this.#current;
  }

  /** What follows from this verdict on the step that `next` gave last. */
  judge(verdict: Verdict): Rule {
    const step = this.#current;
    const rule = rulesOf(this.#libc, this.#muslVersion)[verdict];
    if (rule.action === 'done') return this.#end(rule);
    if (step?.phase === 'first') return this.#isOver() ? lastOne : afterFirst;
    if (rule.action === 'give-up') return this.#end(rule);
    if (rule.action === 'skip-search') {
      while (this.#steps[this.#at]?.phase === 'search') this.#at++;
    }
    // glibc: a domain `.` in the list has asked for the name as it is.
    if (this.#libc === 'glibc' && this.#hadRoot && this.#steps[this.#at]?.phase === 'last') this.#at++;
    return this.#isOver() ? lastOne : rule;
  }

  #end(rule: Rule): Rule {
    this.#at = this.#steps.length;
    return rule;
  }

  #isOver(): boolean {
    return this.#at >= this.#steps.length;
  }
}
