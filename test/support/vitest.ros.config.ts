import { defineConfig } from 'vitest/config';

/** Tests that run inside a process with ROS 2's libraries; test files beside the code start them. */
export default defineConfig({
  test: {
    include: ['test/ros/**/*.ros.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    // As in vitest.config.ts.
    setupFiles: ['./test/support/load_typescript.mjs'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 1,
    testTimeout: 60_000,
  },
});
