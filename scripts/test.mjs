// `npm test`: what the tests need, then all of them. `--long` adds the *.long.test.ts files; file filters and other
// options of vitest go on to it: npm test -- planning
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkNode, prepare, ROOT } from './bootstrap.mjs';

checkNode();
prepare('test');
const options = process.argv.slice(2);
const env = { ...process.env };
if (options.includes('--long')) env.SUREPICK_LONG = '1';
const vitest = spawn(
  process.execPath,
  [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...options.filter((option) => option !== '--long')],
  { cwd: ROOT, stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code, signal) => {
  process.exitCode = signal === null ? code : 130;
});
