import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { longestFirst, SECONDS } from './longest_first.ts';

const named = Object.keys(SECONDS);
const file = (project: string, path: string) => ({ project, moduleId: join(PACKAGE_ROOT, path) });

describe('the order of test files', () => {
  it('names only files that exist', () => {
    expect(named.filter((path) => !existsSync(join(PACKAGE_ROOT, path)))).toEqual([]);
  });

  it('is by time within a project, the short ones as they were, and leaves projects in their order', () => {
    const files = [
      file('measuring', 'b.test.ts'),
      file('measuring', 'a.test.ts'),
      file('measuring', named[1]),
      file('quick', 'c.test.ts'),
      file('quick', named[named.length - 1]),
      file('quick', named[0]),
    ];
    expect(longestFirst(files)).toEqual([files[2], files[0], files[1], files[5], files[4], files[3]]);
  });
});
