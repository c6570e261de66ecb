import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import whole from './stryker.config.mjs';

/** One lot of a draw of `npm run mutation -- --sample`: SUREPICK_MUTANTS names the file with its mutants. */
export default {
  ...whole,
  mutate: JSON.parse(readFileSync(process.env.SUREPICK_MUTANTS, 'utf8')).ranges,
  vitest: { configFile: 'scripts/mutation/vitest.safety.config.mjs', related: false },
  plugins: ['@stryker-mutator/*', fileURLToPath(new URL('sample_checker.mjs', import.meta.url))],
  checkers: ['sample'],
  // A mutant counts as killed when it takes too long: long enough that a busy machine is not what makes it so.
  dryRunTimeoutMinutes: 240,
  timeoutMS: 60_000,
  timeoutFactor: 2.5,
  thresholds: { high: 95, low: 90, break: null },
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: '.cache/mutation/sample/lot.json' },
  incremental: false,
  tempDirName: '.cache/mutation/sample_sandbox',
};
