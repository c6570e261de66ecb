// Trains the policies of gap_population.json into a folder, and says how to compare worlds with them:
// node scripts/gap_population.mjs FOLDER. Needs a build; about 15 minutes of one core. What is there is not trained again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = fileURLToPath(new URL('.', import.meta.url));
const cli = join(process.env.SUREPICK_DIST ?? join(scripts, '..', 'dist'), 'cli', 'main.js');
const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write('error: no folder: node scripts/gap_population.mjs FOLDER\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const population = JSON.parse(readFileSync(join(scripts, 'gap_population.json'), 'utf8'));
const files = population.map(({ name }) => join(folder, `${name}.onnx`));
for (const [k, { name: _, ...recipe }] of population.entries()) {
  if (existsSync(files[k])) continue;
  const options = Object.entries({ ...recipe, out: files[k] }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const resume = existsSync(`${files[k]}.training`) ? ['--resume'] : [];
  const { status } = spawnSync(process.execPath, [cli, 'train', ...options, ...resume], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const policies = files.map((file) => `onnx:${file}`).join(',');
process.stdout.write(
  `surepick gap --policies ${policies} --episodes 500 --outcomes ${join(folder, 'outcomes.jsonl')} --json\n`,
);
