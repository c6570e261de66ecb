// A reporter for vitest: names the tests that passed only when they were tried again.

/** @implements {import('vitest/reporters').Reporter} */
export default class SecondTries {
  onTestRunEnd(modules) {
    const flaky = modules.flatMap((module) =>
      [...module.children.allTests()].filter((test) => test.diagnostic()?.flaky),
    );
    if (flaky.length === 0) return;
    const names = flaky.map((test) => `  ${test.module.relativeModuleId}: ${test.fullName}\n`);
    process.stdout.write(`\npassed only on a second try (${flaky.length}):\n${names.join('')}`);
  }
}
