// A checker of Stryker that lets only the mutants of a draw through.
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyOf } from './mutants.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

class SampleChecker {
  drawn = new Set();

  async init() {
    this.drawn = new Set(JSON.parse(readFileSync(process.env.SUREPICK_MUTANTS, 'utf8')).keys);
  }

  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const judge = (mutant) =>
      this.drawn.has(keyOf(relative(ROOT, mutant.fileName), mutant))
        ? { status: 'passed' }
        : { status: 'compileError', reason: 'not drawn' };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, judge(mutant)]));
  }
}

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', factory: () => new SampleChecker() }];
