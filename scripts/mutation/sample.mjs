// `npm run mutation -- --sample N --seed S [--files GLOB]`: draws N mutants uniformly from all of safety/, runs its quick
// tests on each, and says what share they notice, with a 95 % interval, and every mutant that lived. What was found is kept
// lot by lot in .cache/mutation/sample: started again with the same seed, it goes on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stop } from '../bootstrap.mjs';
import { EQUIVALENT } from './equivalent.mjs';
import { draw, keyOf, mutantsOf, safetySources, wilson95 } from './mutants.mjs';

const LOT = 50;
const LEAST = 0.9;
const DEAD = new Set(['Killed', 'Timeout']);
const COUNTED = new Set([...DEAD, 'Survived', 'NoCoverage']);

const print = (text) => process.stdout.write(`${text}\n`);

/** @param cache the folder with Stryker in node_modules; @returns whether enough of the drawn mutants are killed */
export async function sample(root, cache, args) {
  const { count, seed, glob } = optionsOf(args);
  const folder = join(cache, 'sample');
  mkdirSync(folder, { recursive: true });
  const sources = safetySources(root, glob);
  const mutants = await mutantsOf(root, sources, join(cache, 'node_modules'));
  const drawn = draw(mutants, count, seed);
  const kept = join(folder, `seed-${seed}.json`);
  const state = stateOf(root);
  const before = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};
  const found = before.state === state ? before.found : {};
  print(`${mutants.length} mutants in ${sources.length} files of safety/; ${drawn.length} drawn with seed ${seed}`);
  const left = drawn.filter(({ key }) => found[key] === undefined);
  for (let k = 0; k < left.length; k += LOT) {
    Object.assign(found, run(root, cache, left.slice(k, k + LOT)));
    writeFileSync(kept, JSON.stringify({ state, found }));
  }
  return report(drawn, found);
}

function optionsOf(args) {
  const string = { type: 'string' };
  const { values } = parseArgs({ args, options: { sample: string, seed: { ...string, default: '0' }, files: string } });
  const count = Number(values.sample);
  if (!(Number.isInteger(count) && count > 0))
    stop(`--sample ${values.sample}: how many mutants, a whole number over 0`);
  return { count, seed: values.seed, glob: values.files };
}

/** Changes with anything in safety/ and in what its tests share. */
function stateOf(root) {
  const hash = createHash('sha256');
  for (const folder of ['safety', 'test/support', 'scripts/mutation'])
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  return hash.digest('hex');
}

/** @returns what became of each mutant of a lot, by key */
function run(root, cache, lot) {
  const asked = join(cache, 'sample', 'lot_asked.json');
  const told = join(cache, 'sample', 'lot.json');
  const range = ({ file, location: { start, end } }) =>
    `${file}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
  writeFileSync(asked, JSON.stringify({ keys: lot.map(({ key }) => key), ranges: [...new Set(lot.map(range))] }));
  const stryker = join(cache, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const { status } = spawnSync(
    process.execPath,
    [stryker, 'run', join(root, 'scripts', 'mutation', 'sample.config.mjs')],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SUREPICK_MUTANTS: asked } },
  );
  if (status !== 0)
    stop('Stryker ended before it had tried them (its message is above); what was found before is kept', 1);
  const keys = new Set(lot.map(({ key }) => key));
  const { files } = JSON.parse(readFileSync(told, 'utf8'));
  const found = {};
  for (const [file, { mutants, source }] of Object.entries(files)) {
    const lines = source.split('\n');
    for (const mutant of mutants) {
      const key = keyOf(file, { ...mutant, location: fromZero(mutant.location) });
      if (!keys.has(key)) continue;
      const { line, column } = mutant.location.start;
      const { status: became, mutatorName, replacement } = mutant;
      found[key] = { file, line, column, code: lines[line - 1].trim(), mutatorName, replacement, became };
    }
  }
  for (const key of keys) if (found[key] === undefined) stop(`Stryker says nothing of ${key}`, 1);
  return found;
}

/** Reports count lines and columns from 1, mutants from 0. */
function fromZero({ start, end }) {
  const less = ({ line, column }) => ({ line: line - 1, column: column - 1 });
  return { start: less(start), end: less(end) };
}

function report(drawn, found) {
  const isEquivalent = (one) =>
    EQUIVALENT.some((e) => e.file === one.file && e.code === one.code && e.replacement === one.replacement);
  const all = drawn.map(({ key }) => found[key]).filter(({ became }) => COUNTED.has(became));
  const counted = all.filter((one) => DEAD.has(one.became) || !isEquivalent(one));
  const killed = (list) => list.filter(({ became }) => DEAD.has(became)).length;
  print('\nkilled survived no-coverage file');
  for (const file of [...new Set(counted.map((one) => one.file))].sort()) {
    const here = counted.filter((one) => one.file === file);
    const of = (became) => here.filter((one) => one.became === became).length;
    print(
      `${String(killed(here)).padStart(6)} ${String(of('Survived')).padStart(8)} ${String(of('NoCoverage')).padStart(11)} ${file}`,
    );
  }
  print('');
  for (const one of counted.filter(({ became }) => !DEAD.has(became)))
    print(
      `${one.became} ${one.file}:${one.line}:${one.column} ${one.mutatorName} -> ${one.replacement}\n    ${one.code}`,
    );
  const share = counted.length === 0 ? 0 : killed(counted) / counted.length;
  const [low, high] = wilson95(killed(counted), counted.length).map((x) => (100 * x).toFixed(1));
  const others = drawn.length - counted.length;
  print(
    `\n${killed(counted)} of ${counted.length} killed: ${(100 * share).toFixed(1)} % (95 % interval ${low} % to ${high} %)` +
      (others === 0 ? '' : `; ${others} not counted: equivalent, or not to be run`),
  );
  return share >= LEAST;
}
