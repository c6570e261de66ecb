// Bundles what processes and threads start from: each is one file in dist/ and the parts that it shares with others, which
// load in a third of the time that the compiler's two thousand files take. The rest of dist/ stays as the compiler wrote it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './bootstrap.mjs';

/** Pure JavaScript of many files; other packages have binaries or look for files beside their own, and stay where they are. */
const BUNDLED = new Set([
  ...['@mcap/core', '@mcap/support', 'cli-table3', 'commander', 'fast-png', 'fast-xml-parser', 'fflate', 'fzstd'],
  ...['hyparquet', 'hyparquet-writer', 'protobufjs', 'rxjs', 'yaml', 'zod'],
]);
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const external = [...Object.keys({ ...dependencies, ...devDependencies }), 'rclnodejs'].filter(
  (name) => !BUNDLED.has(name),
);
const PARTS = 'parts';
/** How a source names a program beside it that it starts. */
const STARTED = /'(\.\.?\/[\w./]+)\.js'/g;
const NOT_SOURCES = new Set(['node_modules', 'dist', 'test', 'docs', 'page']);

/** The programs among the sources, as paths from the root: two by what others call them by, the rest as sources start them. */
export function programs() {
  const started = sources(ROOT).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(STARTED)].map(([, name]) =>
      relative(ROOT, join(dirname(path), `${name}.ts`)),
    ),
  );
  return [...new Set(['cli/main.ts', 'stack/env/server.ts', ...started])].sort();
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name[0] === '.' || NOT_SOURCES.has(entry.name) ? [] : sources(path);
    return /(?<!\.test|\.d)\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** @param placeOf  gives expressions for the URL of a source and for its folder, by its path */
const rewritten = (placeOf) => ({
  name: 'rewritten',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return null;
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta')) return null;
      const { url, folder } = placeOf(path);
      const contents = source.replaceAll('import.meta.url', url).replaceAll('import.meta.dirname', folder);
      return { contents, loader: 'ts' };
    });
  },
});

/** Every source keeps the place that the compiler would have given it below `to`: what it finds beside itself is there. */
const placed = rewritten((path) => {
  const place = `new URL(${JSON.stringify(relative(ROOT, path).replaceAll(sep, '/').replace(/\.ts$/, '.js'))}, $root)`;
  return { url: `${place}.href`, folder: `$dirname($fileURLToPath(${place}))` };
});

/** Every source finds beside itself what is beside the source; scripts, this one among them, stay where they are. */
export const unmoved = {
  name: 'unmoved',
  setup(build) {
    rewritten((path) => ({
      url: JSON.stringify(pathToFileURL(path).href),
      folder: JSON.stringify(dirname(path)),
    })).setup(build);
    build.onResolve({ filter: /^\.{1,2}\/.*\.mjs$/ }, ({ path, resolveDir }) => ({
      path: pathToFileURL(join(resolveDir, path)).href,
      external: true,
    }));
  },
};

/**
 * What the bundler turned into variables, though the sources say that it never changes: a number that the engine cannot take
 * for fixed is boxed in every call that passes it.
 */
const NAMED_CONSTANT = /^var ([A-Z][A-Z0-9_]*)(?= = )/gm;
/** Where an output lies below the folder of all is known when it is written. */
const HERE = '$HERE$';
const banner = [
  "import { createRequire as $createRequire } from 'node:module'",
  "import { dirname as $dirname } from 'node:path'",
  "import { fileURLToPath as $fileURLToPath } from 'node:url'",
  'const require = $createRequire(import.meta.url)',
  `const $root = new URL('${HERE}', import.meta.url);`,
].join(';');

/**
 * @param entries  sources, as paths from the root
 * @param to  folder in which each has the place that it has below the root
 * @param place  `unmoved` where they are to look for files beside their sources
 */
export async function bundle(entries, to, place = placed) {
  const { outputFiles } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: entries, outbase: ROOT, outdir: to, external, plugins: [place] },
    ...{
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      chunkNames: `${PARTS}/[hash]`,
    },
    ...{ banner: { js: banner }, sourcemap: true, sourcesContent: false, write: false, logLevel: 'warning' },
  });
  for (const { path, text } of outputFiles) {
    const up = '../'.repeat(relative(to, path).split(sep).length - 1);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replace(HERE, `./${up}`).replaceAll(NAMED_CONSTANT, 'const $1'));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const to = process.argv[2] ?? join(ROOT, 'dist');
  rmSync(join(to, PARTS), { recursive: true, force: true });
  await bundle(programs(), to);
}
