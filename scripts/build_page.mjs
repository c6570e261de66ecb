// Bundles the web view's page: dist/teleop/page/{stop,main}.js with the HTML, styles and pictures as they are.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './bootstrap.mjs';

const from = join(ROOT, 'teleop', 'page');
const to = process.argv[2] ?? join(ROOT, 'dist', 'teleop', 'page');
rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
await build({
  entryPoints: [join(from, 'stop.ts'), join(from, 'main.ts')],
  outdir: to,
  bundle: true,
  minify: true,
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[hash]',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  sourcemap: true,
  logLevel: 'warning',
});
for (const file of ['index.html', 'style.css', 'icons']) cpSync(join(from, file), join(to, file), { recursive: true });
