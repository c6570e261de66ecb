// What can be mutated in safety/, as Stryker's own instrumenter sees it, and draws from it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Every source of safety/ that is no test, as paths from the checkout, in order. */
export function safetySources(root, glob) {
  return readdirSync(join(root, 'safety'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => glob === undefined || patternOf(glob).test(path))
    .sort();
}

/** `*` within a folder, `**` over folders. */
function patternOf(glob) {
  const parts = glob.split(/(\*\*\/?|\*)/).map((part) => {
    if (part.startsWith('**')) return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** One name for a mutant in all that Stryker says of it: place (lines and columns from 0), kind and replacement. */
export function keyOf(file, { location: { start, end }, mutatorName, replacement }) {
  return `${file}:${start.line}:${start.column}-${end.line}:${end.column} ${mutatorName} ${replacement}`;
}

/** Every mutant of these files. */
export async function mutantsOf(root, files, stryker) {
  const entry = join(stryker, '@stryker-mutator', 'instrumenter', 'dist', 'src', 'index.js');
  const { Instrumenter } = await import(pathToFileURL(entry).href);
  const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {} };
  const { mutants } = await new Instrumenter(silent).instrument(
    files.map((file) => ({ name: join(root, file), mutate: true, content: readFileSync(join(root, file), 'utf8') })),
    { plugins: null, excludedMutations: [], ignorers: [], noHeader: true },
  );
  return mutants.map((mutant) => {
    const file = relative(root, mutant.fileName);
    return { file, location: mutant.location, key: keyOf(file, mutant) };
  });
}

/** The same `count` of them for the same seed, each as likely as another; more are these and others. */
export function draw(mutants, count, seed) {
  const order = ({ key }) => createHash('sha256').update(`${seed} ${key}`).digest('hex');
  return mutants
    .map((mutant) => [order(mutant), mutant])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, mutant]) => mutant);
}

/** Wilson's 95 % interval of a share. */
export function wilson95(successes, count) {
  if (count === 0) return [0, 1];
  const z = 1.959964;
  const share = successes / count;
  const middle = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  return [(middle - half) / scale, (middle + half) / scale];
}
