// Prints `passed failed skipped` of a vitest JSON report. A file that could not be loaded, a missing report and a run
// that ended badly although no test failed count as one failure each.
import { existsSync, readFileSync } from 'node:fs';

const [report, status] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };
if (existsSync(report)) {
  for (const { status: file, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    for (const { status: test } of assertionResults)
      count[test === 'passed' || test === 'failed' ? test : 'skipped'] += 1;
    if (file === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed += 1;
  }
  if (count.passed === 0) count.failed += 1;
}
if (status !== '0' && count.failed === 0) count.failed = 1;
process.stdout.write(`${count.passed} ${count.failed} ${count.skipped}\n`);
