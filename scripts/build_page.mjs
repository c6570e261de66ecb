// Bundles the web view's page: dist/teleop/page/{stop.js,main.js,style.css} with the HTML and pictures as they are.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './bootstrap.mjs';

const from = join(ROOT, 'teleop', 'page');
const to = process.argv[2] ?? join(ROOT, 'dist', 'teleop', 'page');
rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const common = {
  outdir: to,
  bundle: true,
  minify: true,
  target: ['chrome109', 'firefox115', 'safari16.4'],
  sourcemap: true,
  logLevel: 'warning',
};
await build({
  ...common,
  entryPoints: [join(from, 'main.ts'), join(from, 'style.css')],
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[hash]',
});
// By itself, so that it runs where it stands in the page, before anything else has come.
await build({ ...common, entryPoints: [join(from, 'stop.ts')], format: 'iife' });
for (const file of ['index.html', 'icons']) cpSync(join(from, file), join(to, file), { recursive: true });
