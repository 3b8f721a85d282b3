import { expect, test, vi } from 'vitest';
import { repeat } from '../../src/plugins/periodic.ts';

async function withFakeTime(body: () => Promise<void>): Promise<void> {
  vi.useFakeTimers();
  try {
    await body();
  } finally {
    vi.useRealTimers();
  }
}

test('does the action each period, until it is ended', () =>
  withFakeTime(async () => {
    const action = vi.fn(async () => {});
    const stop = repeat(1000, action);
    await vi.advanceTimersByTimeAsync(2999);
    expect(action).toHaveBeenCalledTimes(2);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(action).toHaveBeenCalledTimes(2);
  }));

test('an action that is not done yet is not begun again', () =>
  withFakeTime(async () => {
    let finish = () => {};
    const action = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const stop = repeat(1000, action);
    await vi.advanceTimersByTimeAsync(5000);
    expect(action).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(action).toHaveBeenCalledTimes(2);
    stop();
  }));

test.each([
  ['a period of a nanosecond', 1e-6, 50],
  ['a period beyond what timers can wait', 1e15, 2 ** 31 - 1],
])('%s becomes one that timers can have', (_, period, expected) =>
  withFakeTime(async () => {
    const action = vi.fn(async () => {});
    const stop = repeat(period, action);
    await vi.advanceTimersByTimeAsync(expected - 1);
    expect(action).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(action).toHaveBeenCalledTimes(1);
    stop();
  }),
);
