// Hooks by which Node loads TypeScript: types are taken out of a source once, and what is left is kept under .cache.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const KEPT = join(ROOT, '.cache', 'typescript');
const OPTIONS = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcesContent: false };
mkdirSync(KEPT, { recursive: true });

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !/\.ts(\?|$)/.test(url)) return next(url, context);
  return { format: 'module', source: await withoutTypes(fileURLToPath(url)), shortCircuit: true };
}

async function withoutTypes(file) {
  const { size, mtimeMs } = statSync(file);
  const state = `//${size} ${mtimeMs}\n`;
  const kept = join(KEPT, `${relative(ROOT, file).replaceAll(sep, '+')}.js`);
  const before = textOf(kept);
  if (before.startsWith(state)) return before;
  const { transform } = await import('esbuild');
  const { code } = await transform(readFileSync(file, 'utf8'), { ...OPTIONS, banner: state, sourcefile: file });
  // Whole before it has its name: other processes read it meanwhile.
  const part = `${kept}.${process.pid}.part`;
  writeFileSync(part, code);
  renameSync(part, kept);
  return code;
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
