/**
 * Mutation tests of what every stop stands on, run by `npm run mutation`: each mutant is one small fault put into these
 * files, and the quick tests beside them have to notice.
 *
 * Those that live change nothing that can be seen:
 * - gate.ts: what is the torque interface before the first reset, which sets it; work done although nobody looks at its
 *   result (torques while another interface is in use); one of two conditions of which the state machine's table holds the
 *   other; `>` for `>=` where both ways give the same number.
 * - stopping_tail.ts: `>` for `>=` where both ways give the same number (a state at rest has two equal directions, a turning
 *   point at the end of a piece is that end); the search for a turning point where there is none, which finds none.
 */
export default {
  mutate: [
    'safety/gate.ts',
    'safety/gate_modes.ts',
    'safety/command_interface.ts',
    'safety/gripper_limits.ts',
    'safety/joint_limits.ts',
    'safety/stopping_tail.ts',
    'safety/state_machine.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'scripts/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: '.cache/mutation/report.html' },
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  incremental: true,
  incrementalFile: '.cache/mutation/incremental.json',
  tempDirName: '.cache/mutation/sandbox',
  ignorePatterns: ['.cache', 'dist', 'runs', 'out', 'docs'],
  // Sources run as they are, so nothing in them has to be rewritten for a compiler.
  disableTypeChecks: false,
  tsconfigFile: 'no tsconfig.json',
  checkers: [],
  allowEmpty: false,
};
