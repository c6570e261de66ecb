// Tests with a process of their own come bundled, with all that they import of the sources: to open and link hundreds of files
// takes three times as long. A global setup of vitest; `load_bundled.mjs` takes over in the processes.
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../scripts/bootstrap.mjs';
import { bundle, unmoved } from '../../scripts/bundle.mjs';

const FOLDER = join(ROOT, '.cache', 'bundled', String(process.pid));

/** @param {import('vitest/node').TestProject} project */
export async function setup(project) {
  // What is watched changes.
  if (project.vitest.config.watch) return;
  const { testFiles } = await project.globTestFiles();
  const paths = testFiles.map((file) => relative(ROOT, file));
  await bundle(paths, FOLDER, unmoved);
  process.env.SUREPICK_BUNDLED = FOLDER;
}

export function teardown() {
  rmSync(FOLDER, { recursive: true, force: true });
}
