import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick bootstrap '));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Installs what the lockfile asks for as empty packages, with a compiler that writes dist/cli/main.js, and keeps a record. */
const NPM = `
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
appendFileSync('calls', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
if (process.env.NPM_FAILS) { console.error('npm error network'); process.exit(1); }
console.log('noise of npm on stdout');
if (process.env.NPM_IS_SLOW) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
delete packages[''];
for (const [folder, entry] of Object.entries(packages)) {
  if (entry.dev && process.argv.includes('--omit=dev')) { delete packages[folder]; continue; }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
}
mkdirSync('node_modules/.bin', { recursive: true });
mkdirSync('node_modules/typescript/bin', { recursive: true });
writeFileSync('node_modules/typescript/bin/tsc', \`
const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('calls', 'tsc\\\\n');
console.log('noise of the compiler on stdout');
if (existsSync('broken.ts')) process.exit(2);
mkdirSync('dist/cli', { recursive: true });
writeFileSync('dist/cli/main.js', "console.log(JSON.stringify(process.argv.slice(2)))");
\`);
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
`;

let count = 0;
let checkout = '';
let home = '';

beforeEach(() => {
  checkout = join(scratch, `check out ${++count}`);
  home = join(scratch, `home ${count}`);
  for (const folder of [join(checkout, 'cli'), home]) mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
    copyFileSync(join(PACKAGE_ROOT, name), join(checkout, name));
  }
  cpSync(join(PACKAGE_ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true });
  // Bundling wants packages that are really there.
  for (const name of ['bundle.mjs', 'build_page.mjs']) writeFileSync(join(checkout, 'scripts', name), '');
  writeFileSync(join(checkout, 'cli', 'main.ts'), '');
  writeFileSync(join(home, 'npm-cli.js'), NPM);
});

const environment = (extra: Record<string, string>) => ({
  HOME: home,
  PATH: process.env.PATH ?? '',
  npm_execpath: join(home, 'npm-cli.js'),
  ...extra,
});

function start(args: readonly string[] = [], extra: Record<string, string> = {}) {
  return spawnSync(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: checkout,
    encoding: 'utf8',
    env: environment(extra),
  });
}

const calls = () =>
  existsSync(join(checkout, 'calls')) ? readFileSync(join(checkout, 'calls'), 'utf8').trim().split('\n') : [];
const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('surepick:'));

describe('npm start', () => {
  it('says what it fetches, installs without test packages, builds, and passes the options on', () => {
    const { status, stdout, stderr } = start(['--episodes', '3', '--json']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '["run","--episodes","3","--json"]\n' });
    expect(lines(stderr)[0]).toMatch(/^surepick: installing \d+ packages to run; \d+ of them, \d{2,3} MB, are fetched/);
    expect(calls()[0]).toMatch(/^npm ci --omit=dev .*--ignore-scripts .*--prefer-offline$/);
    expect(calls()).toHaveLength(2);
  });

  it('does nothing again until the lockfile or a source changes', () => {
    start();
    start();
    expect(calls()).toHaveLength(2);
    utimesSync(join(checkout, 'cli', 'main.ts'), 1e9, 1e9);
    start();
    expect(calls().slice(2)).toEqual(['tsc']);
    const lock = join(checkout, 'package-lock.json');
    writeFileSync(
      lock,
      readFileSync(lock, 'utf8').replace(/("node_modules\/zod": \{\s*"version": )"[^"]*"/, '$1"99.0.0"'),
    );
    start();
    expect(calls()).toHaveLength(5);
  });

  it('installs again after an install that was cut short', () => {
    start();
    rmSync(join(checkout, 'node_modules', 'zod'), { recursive: true });
    start();
    expect(calls().filter((call) => call.startsWith('npm'))).toHaveLength(2);
  });

  it('passes on what npm says when it fails, and stops', () => {
    const { status, stdout, stderr } = start([], { NPM_FAILS: '1' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('npm error network');
    expect(lines(stderr).at(-1)).toContain('npm could not install');
  });

  it('does not run what did not build', () => {
    writeFileSync(join(checkout, 'broken.ts'), '');
    expect(start()).toMatchObject({ status: 1, stdout: '' });
    rmSync(join(checkout, 'broken.ts'));
    expect(start().status).toBe(0);
  });

  it('drops outputs whose source is gone', () => {
    start();
    const orphan = join(checkout, 'dist', 'cli', 'gone.js');
    writeFileSync(orphan, '');
    utimesSync(join(checkout, 'cli', 'main.ts'), 1e9, 1e9);
    start();
    expect(existsSync(orphan)).toBe(false);
  });

  it('two at once install once', async () => {
    const ends = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('exit', resolve));
    const both = [1, 2].map(() =>
      spawn(process.execPath, ['scripts/start.mjs'], {
        cwd: checkout,
        stdio: 'ignore',
        env: environment({ NPM_IS_SLOW: '1' }),
      }),
    );
    expect(await Promise.all(both.map(ends))).toEqual([0, 0]);
    expect(calls()).toHaveLength(2);
    expect(existsSync(join(checkout, '.cache', 'prepare.lock'))).toBe(false);
  });

  it('takes over the lock of a process that is gone', () => {
    mkdirSync(join(checkout, '.cache'));
    writeFileSync(join(checkout, '.cache', 'prepare.lock'), '999999999');
    expect(start().status).toBe(0);
  });
});

describe('the Node version', () => {
  const check = (version: string) =>
    spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `import('./scripts/bootstrap.mjs').then((b) => b.checkNode('${version}'))`],
      { cwd: checkout, encoding: 'utf8' },
    );

  it.each(['20.19.0', '22.3.1', '24.9.0'])('%s is taken', (version) =>
    expect(check(version)).toMatchObject({ status: 0, stderr: '' }),
  );

  it.each(['16.20.0', '18.20.8', '20.18.3', '25.1.0'])('%s ends with 2 and one line with the remedy', (version) => {
    const { status, stderr } = check(version);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^surepick: Node [\d.]+ is not supported: install Node 20\.19 to 24 .*\n$/);
  });

  it('is told by syntax that an old Node can read', () => {
    for (const name of ['bootstrap', 'start', 'test', 'mutation', 'surepick']) {
      const text = readFileSync(join(PACKAGE_ROOT, 'scripts', `${name}.mjs`), 'utf8');
      const imports = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
      expect(imports.filter((from) => !from.startsWith('node:') && from !== './bootstrap.mjs')).toEqual([]);
      expect(text).not.toMatch(
        /\bwith \{ type|\?\?=|\|\|=|\.at\(|structuredClone|Object\.groupBy|static \{|\bhasOwn\(/,
      );
    }
  });
});
