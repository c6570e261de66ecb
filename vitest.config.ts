import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest_first.ts';
import { allocationTests, measuringTests } from './test/support/measuring.ts';

/** The long forms (thousands of episodes, millions of cycles) run on request: npm run test:long */
const long = process.env.SUREPICK_LONG === '1';
const exclude = ['node_modules/**', 'dist/**', '.cache/**', ...(long ? [] : ['**/*.long.test.ts'])];

/** Tests of processes on ROS 2, with rclpy as their peer, come when ROS 2 has been set up meanwhile. */
const RCLPY = '**/*.rclpy.test.ts';
/** Processes that run on the wall clock, and give a busy machine time: mostly they wait, so that four share two cores. */
const PACED = '**/*.paced.test.ts';
/** What a busy machine fails is tried again; what passes only then is named by `.ci/second_tries.mjs`. */
const retry = 1;
/** Tests of deadlines on the wall clock have the machine to themselves: one at a time, when all others are done. */
const LIVE = '**/*.live.test.ts';

/** These have a process each; the other quick ones share two, in which what was loaded stays loaded. */
const measuring = measuringTests();
const allocations = allocationTests();

/** What has a process for each file loads it as one. */
const BUNDLED = {
  globalSetup: ['./test/support/bundle_tests.mjs'],
  setupFiles: ['./test/support/load_bundled.mjs'],
};

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv: ['--expose-gc'],
    // Node loads the sources itself, at half the cost of the runner's own loader, and runs them as the built program runs.
    setupFiles: ['./test/support/load_typescript.mjs'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    testTimeout: 120_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['**/*.test.ts'],
          exclude: [...exclude, RCLPY, PACED, LIVE, ...measuring],
          isolate: false,
          // Two of these have two cores: what V8 collects beside one of them it takes from the other.
          execArgv: ['--expose-gc', '--single-threaded-gc'],
          setupFiles: ['./test/support/slim_expect.mjs'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'measuring',
          include: measuring,
          exclude: [...exclude, RCLPY, PACED, LIVE, ...allocations],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'allocations',
          include: allocations,
          exclude: [...exclude, RCLPY, PACED, LIVE],
          ...BUNDLED,
          // V8 optimises at once: what a call leaves on the heap then does not depend on how busy the machine is.
          execArgv: ['--expose-gc', '--no-concurrent-recompilation'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'rclpy',
          include: [RCLPY],
          exclude,
          ...BUNDLED,
          retry,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'paced',
          include: [PACED],
          exclude,
          retry,
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'live', include: [LIVE], exclude, isolate: false, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
