// `npm run mutation`: puts small faults into the safety gate, its stops and its modes, one at a time, and counts how many
// of them the tests notice; fails below 90 %. What was found before is kept as long as neither code nor tests change.
// Other options go on to Stryker: npm run mutation -- --force --mutate safety/gate.ts
// With --sample N --seed S [--files GLOB]: the share of N mutants drawn from all of safety/ (scripts/mutation/sample.mjs).
// Stryker is fetched on first use into .cache/mutation, in the versions of scripts/mutation/package-lock.json.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, npmCommand, prepare, ROOT, say, stop } from './bootstrap.mjs';

const HERE = join(ROOT, 'scripts', 'mutation');
const CACHE = join(ROOT, '.cache', 'mutation');
const INSTALLED = join(CACHE, 'installed.json');

checkNode();
prepare('test');
install();
const args = process.argv.slice(2);
if (args.some((arg) => /^--sample\b/.test(arg))) {
  const { sample } = await import('./mutation/sample.mjs');
  process.exitCode = (await sample(ROOT, CACHE, args)) ? 0 : 1;
} else {
  runWhole();
}

function runWhole() {
  const stryker = spawn(
    process.execPath,
    [
      join(CACHE, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js'),
      'run',
      join(HERE, 'stryker.config.mjs'),
      ...args,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stryker.kill(signal));
  stryker.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 130;
  });
}

function install() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return;
  mkdirSync(CACHE, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(HERE, name), join(CACHE, name));
  copyFileSync(join(ROOT, '.npmrc'), join(CACHE, '.npmrc'));
  const count = Object.keys(JSON.parse(lock).packages).length - 1;
  say(`installing ${count} packages for mutation tests, unless npm's cache has them`);
  const [npm, ...options] = npmCommand();
  // Vitest is the one of the checkout, so the runner's wish for it as a peer is none of npm's business.
  const { status } = spawnSync(npm, [...options, 'ci', '--ignore-scripts', '--legacy-peer-deps', '--prefer-offline'], {
    cwd: CACHE,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0)
    stop('npm could not install Stryker (its message is above): check the network, then run this again', 1);
  writeFileSync(INSTALLED, lock);
}
