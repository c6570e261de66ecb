// Trains the policies of gap_population.json into a folder, and says how to compare worlds with them:
// node scripts/gap_population.mjs FOLDER. With `choose` after it every candidate is trained, graded in cannon alone, and the
// population chosen by the rule of the file. Needs a build; about a minute of one core a policy. What is there is not made again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePopulation } from './choose_population.mjs';

const scripts = fileURLToPath(new URL('.', import.meta.url));
const cli = join(process.env.SUREPICK_DIST ?? join(scripts, '..', 'dist'), 'cli', 'main.js');
const [, , folder, choose] = process.argv;
if (folder === undefined || (choose !== undefined && choose !== 'choose')) {
  process.stderr.write('error: node scripts/gap_population.mjs FOLDER [choose]\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const { grading, rule, population, compared, candidates } = JSON.parse(
  readFileSync(join(scripts, 'gap_population.json'), 'utf8'),
);
const fileOf = (name) => join(folder, `${name}.onnx`);

for (const { name, ...recipe } of candidates) {
  if ((choose === undefined && !population.includes(name)) || existsSync(fileOf(name))) continue;
  surepick('train', { ...recipe, out: fileOf(name) }, existsSync(`${fileOf(name)}.training`) ? ['--resume'] : []);
}
if (choose !== undefined) {
  const grades = Object.fromEntries(candidates.map(({ name }) => [name, gradeOf(name)]));
  for (const [name, grade] of Object.entries(grades)) process.stdout.write(`${name} ${grade}\n`);
  process.stdout.write(`${JSON.stringify(choosePopulation(rule, grades))}\n`);
} else if (population.length === 0) {
  process.stderr.write('error: gap_population.json has no population: node scripts/gap_population.mjs FOLDER choose\n');
  process.exit(2);
} else {
  const policies = population.map((name) => `onnx:${fileOf(name)}`).join(',');
  const words = { policies, ...compared, outcomes: join(folder, 'outcomes.jsonl') };
  process.stdout.write(`surepick gap ${optionsOf(words).join(' ')} --json\n`);
}

/** Success in cannon; kept beside the policy. */
function gradeOf(name) {
  const file = join(folder, `${name}.grade.json`);
  if (!existsSync(file)) {
    const told = surepick('eval', { policy: `onnx:${fileOf(name)}`, engine: 'cannon', ...grading }, ['--json'], 'pipe');
    writeFileSync(file, told.trimEnd().split('\n').at(-1));
  }
  const { successes, episodes } = JSON.parse(readFileSync(file, 'utf8'));
  return successes / episodes;
}

function surepick(verb, options, more, stdout = 'inherit') {
  const words = [cli, verb, ...optionsOf(options), ...more];
  const told = spawnSync(process.execPath, words, { stdio: ['inherit', stdout, 'inherit'], encoding: 'utf8' });
  if (told.status !== 0) process.exit(told.status ?? 1);
  return told.stdout;
}

function optionsOf(options) {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}
