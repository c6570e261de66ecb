// `npm test`: what the tests need, then all of them. `--long` adds the *.long.test.ts files; file filters and other
// options of vitest go on to it: npm test -- planning
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { checkNode, prepare, ROOT } from './bootstrap.mjs';

/** As `nice`: behind the tests that run meanwhile. */
const BACKGROUND = 10;

checkNode();
prepare('test');
const options = process.argv.slice(2);
const env = { ...process.env };
if (options.includes('--long')) env.SUREPICK_LONG = '1';
const filters = options.filter((option) => !option.startsWith('-'));
const ros = filters.length === 0 || filters.some((filter) => /ros|launch/.test(filter)) ? setUpRos() : undefined;
const vitest = spawn(
  process.execPath,
  [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...options.filter((option) => option !== '--long')],
  { cwd: ROOT, stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code, signal) => {
  ros?.kill('SIGTERM');
  process.exitCode = signal === null ? code : 130;
});

/** The ROS 2 that some tests need is set up while the others run; the first that needs it waits for it. */
function setUpRos() {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const log = openSync(join(ROOT, '.cache', 'ros_setup.log'), 'w');
  const entry = join(ROOT, 'dist', 'cli', 'main.js');
  const setup = spawn(process.execPath, [entry, 'ros', 'setup', '--yes'], { cwd: ROOT, stdio: ['ignore', log, log] });
  closeSync(log);
  setup.on('error', () => {});
  if (setup.pid !== undefined) setPriority(setup.pid, BACKGROUND);
  return setup;
}
