// Plain Node without dependencies and without syntax that an old Node cannot parse: whatever is wrong with the
// machine, this file still runs and says so in one line. Everything it prints goes to stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, platform } from 'node:os';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Exit code of a machine or checkout that cannot be used as it is. */
const UNUSABLE = 2;
const NOT_SOURCES = new Set(['node_modules', 'dist', 'test', 'docs', 'runs', 'out', 'coverage']);

export function say(line) {
  process.stderr.write(`surepick: ${line}\n`);
}

export function stop(line, code = UNUSABLE) {
  say(line);
  process.exit(code);
}

/** Node 20.19 to 24: what the packages we stand on support. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 ? major <= 24 : major === 20 && minor >= 19) return;
  stop(
    `Node ${version} is not supported: install Node 20.19 to 24 (https://nodejs.org, or "nvm install 22") and run this again`,
  );
}

/**
 * Brings node_modules and dist/ up to date with the checkout; does nothing when they are.
 * @param {'run' | 'test'} scope what has to be installed: `test` adds the packages that only tests and lint need
 */
export function prepare(scope) {
  if (isInstalled(scope) && isBuilt() && isLinked()) return;
  const unlock = takeLock();
  try {
    if (!isInstalled(scope)) install(scope);
    if (!isLinked()) link();
    if (!isBuilt()) build();
  } finally {
    unlock();
  }
}

// ---- packages ----

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The lockfile's packages that this machine needs for `scope`, as [folder, entry]. */
export function neededPackages(scope) {
  const { packages } = readJson(join(ROOT, 'package-lock.json'));
  return Object.entries(packages).filter(
    ([folder, entry]) =>
      folder !== '' &&
      (scope === 'test' || !(entry.dev || entry.devOptional)) &&
      (!entry.optional || (entry.os !== undefined && fits(entry))),
  );
}

function fits(entry) {
  const allows = (list, value) => list === undefined || list.includes(value);
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && allows(entry.libc, libc());
}

function libc() {
  if (process.platform !== 'linux') return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

function isInstalled(scope) {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const present = readJson(record).packages;
  return neededPackages(scope).every(
    ([folder, entry]) =>
      present[folder] !== undefined &&
      present[folder].version === entry.version &&
      present[folder].integrity === entry.integrity &&
      existsSync(join(ROOT, folder, 'package.json')),
  );
}

function install(scope) {
  const needed = neededPackages(scope);
  const sizes = readJson(join(ROOT, 'scripts', 'package_sizes.json')).packed_bytes;
  const missing = needed.filter(([, entry]) => !isCached(entry.integrity));
  const bytes = missing.reduce((sum, [folder, entry]) => sum + (sizes[`${nameOf(folder)}@${entry.version}`] || 0), 0);
  const purpose = scope === 'test' ? 'to run and to test' : 'to run';
  say(
    missing.length === 0
      ? `installing ${needed.length} packages ${purpose}, all from npm's cache`
      : `installing ${needed.length} packages ${purpose}; ${missing.length} of them, ${megabytes(bytes)} MB, are fetched from the package registry`,
  );
  const dev = scope === 'test' ? '--include=dev' : '--omit=dev';
  const npm = npmCommand();
  const { status, error } = spawnSync(
    npm[0],
    [
      ...npm.slice(1),
      'ci',
      dev,
      '--include=optional',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
    ],
    { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_ENV: '' } },
  );
  if (error) stop(`npm cannot be started (${error.message}): install the npm that comes with Node and run this again`);
  if (status !== 0)
    stop(
      'npm could not install the packages (its message is above): check the network and the registry, then run this again',
      1,
    );
}

export function nameOf(folder) {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function megabytes(bytes) {
  return Math.max(1, Math.round(bytes / 1e6));
}

/** Where npm keeps a tarball of this integrity (cacache: content addressed). */
export function cachedTarball(integrity) {
  const [algorithm, base64] = integrity.split(' ')[0].split(/-(.*)/s);
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return join(npmCache(), '_cacache', 'content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

function isCached(integrity) {
  return integrity !== undefined && existsSync(cachedTarball(integrity));
}

function npmCache() {
  if (process.env.npm_config_cache) return process.env.npm_config_cache;
  return platform() === 'win32' ? join(process.env.LOCALAPPDATA || homedir(), 'npm-cache') : join(homedir(), '.npm');
}

/** The npm that runs us, else the one beside node or on PATH. */
export function npmCommand() {
  const running = process.env.npm_execpath;
  if (running && /npm-cli\.c?js$/.test(running)) return [process.execPath, running];
  for (const folder of [dirname(process.execPath), ...(process.env.PATH || '').split(delimiter)]) {
    for (const script of ['../lib/node_modules/npm/bin/npm-cli.js', 'node_modules/npm/bin/npm-cli.js']) {
      if (folder && existsSync(join(folder, script))) return [process.execPath, join(folder, script)];
    }
  }
  return ['npm'];
}

// ---- build ----

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.sources');
/** Bundled, anew as a whole with each build. */
const BUNDLES = [join(DIST, 'parts'), join(DIST, 'teleop', 'page')];
/** Each writes into dist/ after the compiler. */
const BUNDLERS = ['bundle.mjs', 'build_page.mjs'].map((name) => join(ROOT, 'scripts', name));

function isBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourcesStamp();
}

/** Changes whenever a source is added, removed or written, or the compiler or its options change. */
function sourcesStamp() {
  const hash = createHash('sha256');
  for (const path of [
    ...sources(ROOT),
    ...['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) => join(ROOT, name)),
    ...BUNDLERS,
  ]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(ROOT, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name[0] === '.' || NOT_SOURCES.has(entry.name) ? [] : sources(path);
      return /\.(ts|html|css|svg)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : [];
    });
}

function build() {
  const stamp = sourcesStamp();
  say('building');
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const args of [[compiler, '-p', 'tsconfig.build.json'], ...BUNDLERS.map((script) => [script])]) {
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    if (status !== 0) stop('the build failed (its messages are above)', 1);
  }
  removeOrphans(DIST);
  writeFileSync(STAMP, stamp);
}

/** Outputs whose source is gone would keep old code importable. */
function removeOrphans(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (BUNDLES.includes(path)) continue;
    if (entry.isDirectory()) removeOrphans(path);
    else if (/\.js(\.map)?$/.test(entry.name)) {
      const source = join(ROOT, relative(DIST, path)).replace(/\.js(\.map)?$/, '.ts');
      if (!existsSync(source)) rmSync(path);
    }
  }
}

// ---- the command ----

const LINK = join(ROOT, 'node_modules', '.bin', platform() === 'win32' ? 'surepick.cmd' : 'surepick');

function isLinked() {
  return existsSync(LINK);
}

/** npm links the commands of dependencies but not a package's own; `npx --no-install surepick` looks for this one. */
function link() {
  rmSync(LINK, { force: true });
  if (platform() === 'win32') writeFileSync(LINK, '@node "%~dp0\\..\\..\\scripts\\surepick.mjs" %*\r\n');
  else symlinkSync(join('..', '..', 'scripts', 'surepick.mjs'), LINK);
}

// ---- one at a time ----

/** Two commands started together must not install or build over each other: the second waits for the first. */
function takeLock() {
  const folder = join(ROOT, '.cache');
  const path = join(folder, 'prepare.lock');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    stop(`${folder}${sep} cannot be written (${error.code}): run from a checkout that you own`);
  }
  for (let waited = 0; ; waited += 1) {
    try {
      const file = openSync(path, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') stop(`${path} cannot be written (${error.code}): run from a checkout that you own`);
    }
    if (waited === 0 && isHeld(path)) say('another command is installing or building here; waiting for it');
    if (!isHeld(path)) rmSync(path, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const unlock = () => rmSync(path, { force: true });
  process.once('exit', unlock);
  return unlock;
}

function isHeld(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    else return Date.now() - statSync(path).mtimeMs < 2000;
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
