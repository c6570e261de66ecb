import { filesBelow, read } from './sources.ts';

/** What a test that needs a process of its own has in its source: measures of memory or time, or a process that it changes. */
const MEASURES =
  /support\/(heap|ratio|ros)\.ts|\b(hrtime|performance\.now|memoryUsage|cpuUsage|chdir)\b|process\.(on|once)\(|process\.env\.\w+ = |vi\.mock|node:inspector/;

/** The test runner loads its configuration, and this with it, anew for every project. */
const KEPT = Symbol.for('surepick.measuring_tests');
const kept = globalThis as typeof globalThis & { [KEPT]?: readonly string[] };

/**
 * The test files that other tests in their process would disturb. All others share processes, so that each loads a module
 * once: half of what a short test costs is to load what it tests.
 */
export function measuringTests(): string[] {
  kept[KEPT] ??= filesBelow().filter(
    (path) => path.endsWith('.test.ts') && (path.endsWith('.long.test.ts') || MEASURES.test(read(path))),
  );
  return [...kept[KEPT]];
}

/** Of these, the ones that count what a call leaves on the heap. */
export function allocationTests(): string[] {
  return measuringTests().filter((path) => read(path).includes('support/heap.ts'));
}
