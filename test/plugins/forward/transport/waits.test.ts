import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Wait, Waits } from '../../../../src/plugins/forward/transport/waits.ts';

const over: string[] = [];

class NamedWait extends Wait {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override timeOut(): void {
    over.push(this.#name);
  }
}

function begin(waits: Waits, name: string, timeoutMs: number): Wait {
  const wait = new NamedWait(name);
  waits.begin(wait, timeoutMs);
  return wait;
}

beforeEach(() => {
  vi.useFakeTimers();
  over.length = 0;
});
afterEach(() => void vi.useRealTimers());

test('waits run out at their times, in whatever order they began', () => {
  const waits = new Waits();
  begin(waits, 'third', 300);
  begin(waits, 'first', 100);
  begin(waits, 'second', 200);
  begin(waits, 'fourth', 300);
  vi.advanceTimersByTime(99);
  expect(over).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(over).toEqual(['first']);
  vi.advanceTimersByTime(300);
  expect(over).toEqual(['first', 'second', 'third', 'fourth']);
});

test.each([['first'], ['middle'], ['last']])('the %s, ended before its time, does not run out', (ended) => {
  const waits = new Waits();
  const names = ['first', 'middle', 'last'];
  const begun = new Map(names.map((name, i) => [name, begin(waits, name, 100 + i)]));
  const wait = begun.get(ended);
  if (wait !== undefined) waits.end(wait);
  vi.advanceTimersByTime(1000);
  expect(over).toEqual(names.filter((name) => name !== ended));
  begin(waits, 'later', 50);
  vi.advanceTimersByTime(51);
  expect(over.at(-1)).toBe('later');
});

test('one that begins another as it runs out, without time too', () => {
  const waits = new Waits();
  const first = new NamedWait('first');
  first.timeOut = () => {
    over.push('first');
    begin(waits, 'second', -1);
  };
  waits.begin(first, 10);
  vi.advanceTimersByTime(20);
  expect(over).toEqual(['first', 'second']);
});

test('none leaves a timer that keeps the process alive', () => {
  const waits = new Waits();
  const timers = vi.spyOn(globalThis, 'setTimeout');
  begin(waits, 'one', 100);
  expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
});
