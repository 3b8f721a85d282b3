/** Other bounds for one test: the server reads them at the moment of use. */
import { onTestFinished } from 'vitest';
import { limits } from '../../src/limits.ts';

/** To be called within a test, before anything that it sets up. */
export function setLimits(bounds: Partial<Record<keyof typeof limits, number>>): void {
  const real = { ...limits };
  Object.assign(limits, bounds);
  onTestFinished(() => {
    Object.assign(limits, real);
  });
}
