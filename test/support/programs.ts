import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { bundle, programs } from '../../scripts/bundle.mjs';
import { filesBelow } from './sources.ts';

const FOLDER = join(PACKAGE_ROOT, '.cache', 'programs');
/** Started by tests alone, or loaded by them from beside the programs that it starts. */
const OF_TESTS = [
  ...[
    'arm_stand_in_program',
    'arm_tap_program',
    'bridge_host_program',
    'cell_program',
    'cli_host_program',
    'control_host',
  ],
  ...['escalation_host_program', 'every_topic_program', 'flood', 'graph_client_program', 'graph_process'],
  ...['lifecycle_program', 'local_link_program', 'policy_peer_program', 'record_graph_program'],
  ...[
    'record_live_until_killed',
    'record_until_killed',
    'ros_exit_program',
    'ros_peer_program',
    'ros_stream_program',
    'stop_host',
  ],
  ...['write_audit_until_killed'],
].map((name) => `test/support/${name}.ts`);
const BESIDE = ['bench/ros_ping.ts', 'runtime/heartbeat.ts', 'runtime/index.ts', 'stack/live/index.ts'];
const SOURCE = /(?<!\.test)\.(ts|html|css|svg)$|^scripts\/.*\.mjs$/;
/** What nothing has used for so long is removed. */
const KEPT_MS = 24 * 3600 * 1000;

/**
 * Bundles the programs that tests run in threads and processes of their own; returns the path of the one asked for. They
 * lie in a folder named by the sources that they are made from, whole before it has that name: whoever runs them at the
 * same time, from whatever state of the sources, finds its own.
 */
export async function compiledProgram(name: string): Promise<string> {
  const folder = join(FOLDER, sourcesKey());
  if (!existsSync(folder)) await compile(folder);
  utimesSync(folder, new Date(), new Date());
  return join(folder, 'test', 'support', `${name}.js`);
}

/** The folder of the web view's page, bundled as it is for the server. */
export async function compiledPage(): Promise<string> {
  return join(dirname(await compiledProgram('')), '..', '..', 'page');
}

async function compile(folder: string): Promise<void> {
  const part = `${folder}.${process.pid}.part`;
  mkdirSync(FOLDER, { recursive: true });
  await bundle([...OF_TESTS, ...BESIDE, ...programs()], part);
  const page = [join(PACKAGE_ROOT, 'scripts', 'build_page.mjs'), join(part, 'page')];
  await promisify(execFile)(process.execPath, page);
  try {
    renameSync(part, folder);
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(folder)) throw error;
    rmSync(part, { recursive: true, force: true });
  }
  for (const entry of readdirSync(FOLDER)) {
    const old = join(FOLDER, entry);
    const used_ms = statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - used_ms > KEPT_MS) rmSync(old, { recursive: true, force: true });
  }
}

/** Changes whenever a source that is no test is added, removed or written. */
function sourcesKey(): string {
  const hash = createHash('sha256');
  for (const path of filesBelow().filter((path) => SOURCE.test(path))) {
    const { size, mtimeMs } = statSync(join(PACKAGE_ROOT, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
