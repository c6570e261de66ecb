import { defineConfig } from 'vitest/config';

/** The long forms (thousands of episodes, millions of cycles) run on request: npm run test:long */
const long = process.env.SUREPICK_LONG === '1';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.cache/**', ...(long ? [] : ['**/*.long.test.ts'])],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
