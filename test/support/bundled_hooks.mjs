// Hooks by which a test is loaded as it was bundled.
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from '../../scripts/bootstrap.mjs';

let folder = '';

export function initialize(data) {
  folder = data;
}

export function load(url, context, next) {
  if (!url.startsWith('file:') || !/\.test\.ts(\?|$)/.test(url)) return next(url, context);
  const bundled = join(folder, relative(ROOT, fileURLToPath(url)).replace(/\.ts$/, '.js'));
  return { format: 'module', source: `import ${JSON.stringify(pathToFileURL(bundled).href)};`, shortCircuit: true };
}
