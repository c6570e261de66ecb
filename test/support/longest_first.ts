import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

/** Path of each long test file and about how many seconds it takes; all others are short. */
export const SECONDS = z
  .record(z.string(), z.number().positive())
  .parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'test', 'support', 'longest_first.json'), 'utf8')));

/** Within each project the files known to take longest start first, so that no worker is left with one of them at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}

/** Projects one after another as they are, the files of each by their time; those of equal time keep their order. */
export function longestFirst<F extends { readonly project: unknown; readonly moduleId: string }>(
  files: readonly F[],
): F[] {
  const projects = [...new Set(files.map(({ project }) => project))];
  return projects.flatMap((project) =>
    files.filter((file) => file.project === project).sort((a, b) => seconds(b.moduleId) - seconds(a.moduleId)),
  );
}

function seconds(file: string): number {
  return SECONDS[relative(PACKAGE_ROOT, file).replaceAll('\\', '/')] ?? 0;
}
