import { defineConfig } from 'vitest/config';

/** Each file starts a control plane of its own, which takes a machine of two cores to itself. */
const CONTROL_PLANE = [
  'test/cluster/control-plane/**/*.test.ts',
  'test/conformance/**/*.test.ts',
  'test/proof/**/*.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'corvidns', include: ['test/**/*.test.ts'], exclude: CONTROL_PLANE },
      },
      {
        extends: true,
        test: {
          name: 'control-plane',
          include: CONTROL_PLANE,
          globalSetup: 'test/peers/say-what-is-missing.ts',
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
