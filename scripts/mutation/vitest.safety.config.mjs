import { defineConfig } from 'vitest/config';

/** All quick tests of safety/ but the one that counts branches by itself, told that what they test carries mutants. */
export default defineConfig({
  test: {
    include: ['safety/**/*.test.ts'],
    exclude: ['**/*.long.test.ts', 'safety/state_machine.coverage.test.ts'],
    env: { SUREPICK_INSTRUMENTED: '1' },
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
