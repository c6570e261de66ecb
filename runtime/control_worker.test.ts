import { describe, expect, it } from 'vitest';
import { importsOf, packagesOf, read, sourceFiles } from '../test/support/sources.ts';

/** Every source that a program's file imports, itself included, types too. */
function closure(entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of importsOf(path)) visit(next);
  };
  visit(entry);
  return seen;
}

const PACKAGES = new Set(['zod', 'rxjs', 'fast-xml-parser']);
const NODE = new Set(
  ['crypto', 'fs', 'fs/promises', 'os', 'path', 'url', 'worker_threads'].map((name) => `node:${name}`),
);
const STAGES = new Set(['contracts', 'trajectory', 'dynamics', 'robots', 'collision', 'safety', 'control', 'runtime']);

describe.each(['runtime/control_worker.ts', 'runtime/supervisor_process.ts', 'runtime/arm_process.ts'])(
  '%s',
  (entry) => {
    const files = closure(entry);

    it('loads control, safety and what they stand on, and no ROS, server, log, network or picture', () => {
      expect(files).toContain('contracts/index.ts');
      expect([...files].filter((file) => !STAGES.has(file.split('/')[0]))).toEqual([]);
      const packages = [...files].flatMap((file) => packagesOf(file).map((name) => ({ file, name })));
      const others = packages.filter(({ name }) => !PACKAGES.has(name) && !NODE.has(name));
      // Real-time scheduling is asked for once, before the first cycle, of a command of the system.
      expect(others).toEqual([{ file: 'runtime/realtime.ts', name: 'node:child_process' }]);
    });

    it('does not load what starts it', () => {
      expect(
        [...files].filter((file) => /\/(real_time_control|supervisor_link|arm_link|child)\.ts$/.test(file)),
      ).toEqual([]);
      expect(files).not.toContain('runtime/index.ts');
    });
  },
);

describe('the driver of the arm', () => {
  it('is made in the control thread and nowhere else', () => {
    const makers = sourceFiles().filter(
      (file) => !file.endsWith('.test.ts') && !file.startsWith('test/') && /new ArmDriver\(/.test(read(file)),
    );
    expect(makers).toEqual(['runtime/control_worker.ts']);
  });
});
