import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { KNOWN_DISTROS, type RosBase, rosBase, TESTED_DISTROS } from './base.ts';
import { absentPart, installationOf, partsOf, type RosInstallation, rosEnvironment } from './installation.ts';
import { isDone, rosHome, type Variables } from './places.ts';
import { wheelsQuestion } from './setup.ts';
import { GRAPH_BYTES, sharedMemory } from './shared_memory.ts';
import { findPython312, missingBuildTools, nodeHeaders, PYTHON_REMEDY } from './tools.ts';

/** One thing that running on ROS 2 needs. */
export interface RosFinding {
  readonly id: 'ros2' | 'python312' | 'build_tools' | 'rclnodejs' | 'interfaces' | 'shared_memory' | 'exchange';
  readonly name: string;
  readonly state: 'found' | 'limited' | 'missing';
  readonly found: string;
  /** How to get it; empty when nothing is to be done. */
  readonly remedy: string;
}

export interface RosExamination {
  /** Whether a graph can run on ROS 2 as it is. */
  readonly usable: boolean;
  readonly home: string;
  readonly findings: readonly RosFinding[];
}

const SETUP = 'surepick ros setup';

/** Looks at everything, and really exchanges messages when all is there. */
export async function examineRos(env: Variables = process.env): Promise<RosExamination> {
  const base = rosBase(env);
  const parts = partsOf(base);
  const complete = absentPart(parts) === null;
  const findings = [baseFinding(base), ...(await needs(base, env)), ...partFindings(base), ...memoryFinding()];
  if (complete) findings.push(await exchangeFinding(installationOf(parts), env));
  const usable = complete && findings.every(({ state }) => state !== 'missing');
  return { usable, home: rosHome(env), findings };
}

export function baseFinding(base: RosBase): RosFinding {
  const finding = { id: 'ros2', name: 'ROS 2' } as const;
  if (base.kind === 'wheels') {
    const present = isDone(base.core);
    const remedy = `source a ROS 2 Jazzy (docs.ros.org), or ${SETUP}: ${wheelsQuestion()}`;
    if (!present) return { ...finding, state: 'missing', found: '', remedy };
    return {
      ...finding,
      state: 'found',
      found: `${base.distro} ${base.version} (wheels of a third party)`,
      remedy: '',
    };
  }
  const found = `${base.distro} ${base.version} (sourced, ${base.core})`;
  if (TESTED_DISTROS.includes(base.distro)) return { ...finding, state: 'found', found, remedy: '' };
  const known = KNOWN_DISTROS.includes(base.distro) ? 'not tested here' : 'not known here';
  return { ...finding, state: 'limited', found: `${found}, ${known}`, remedy: `tested: ${TESTED_DISTROS.join(', ')}` };
}

/** What building needs; only limits what is there already. */
async function needs(base: RosBase, env: Variables): Promise<RosFinding[]> {
  const missing = await missingBuildTools(env);
  const headers = nodeHeaders();
  const tools = {
    id: 'build_tools',
    name: 'Build tools',
    state: missing === null ? 'found' : 'limited',
    found: missing === null ? `g++, make, cmake, headers of Node ${headers ?? 'that node-gyp fetches'}` : '',
    remedy: missing ?? '',
  } as const;
  if (base.kind === 'sourced') return [tools];
  const python = await findPython312(env);
  const state = python === null ? 'limited' : 'found';
  const remedy = python === null ? PYTHON_REMEDY : '';
  return [{ id: 'python312', name: 'Python 3.12', state, found: python ?? '', remedy }, tools];
}

function partFindings(base: RosBase): RosFinding[] {
  const { packages, built, classes } = partsOf(base);
  const whole = isDone(built) && isDone(classes);
  const absent = packages.filter(({ prefix }) => !isDone(prefix)).map(({ name }) => name);
  return [
    {
      id: 'rclnodejs',
      name: 'rclnodejs',
      state: whole ? 'found' : 'missing',
      found: whole ? join(classes, 'node_modules', 'rclnodejs') : '',
      remedy: whole ? '' : SETUP,
    },
    {
      id: 'interfaces',
      name: 'Interface packages',
      state: absent.length === 0 ? 'found' : 'missing',
      found: packages
        .filter(({ prefix }) => isDone(prefix))
        .map(({ name }) => name)
        .join(', '),
      remedy: absent.length === 0 ? '' : `${SETUP} (lacks ${absent.join(', ')})`,
    },
  ];
}

/** Images go through shared memory, and what killed processes had stays there. */
export function memoryFinding(memory = sharedMemory()): RosFinding[] {
  if (memory === null) return [];
  const enough = memory.free_bytes > GRAPH_BYTES;
  const finding: RosFinding = {
    id: 'shared_memory',
    name: 'Shared memory',
    state: enough ? 'found' : 'limited',
    found: `${Math.round(memory.free_bytes / 1e6)} MB free in /dev/shm, ${memory.segments} segments of Fast DDS`,
    remedy: enough
      ? ''
      : '"fastdds shm clean" removes what killed processes left; in a container, run it with --shm-size=1g',
  };
  return [finding];
}

/** Sends words to rclpy and back; where there is no rclpy, from one subscription of rclnodejs to another. */
async function exchangeFinding(ros: RosInstallation, env: Variables): Promise<RosFinding> {
  const python = ros.python ?? 'python3';
  const variables = { ...env, ...rosEnvironment(ros, env) };
  const topic = `/surepick_probe_${process.pid}`;
  const finding = { id: 'exchange', name: 'Exchange' } as const;
  const peer = await startPeer(python, topic, variables);
  try {
    await promisify(execFile)(
      process.execPath,
      [join(PACKAGE_ROOT, 'ros', 'setup', 'probe.mjs'), peer === null ? 'alone' : 'peer', topic],
      { env: variables, timeout: EXCHANGE_MS, killSignal: 'SIGKILL' },
    );
    const found = peer === null ? 'rclnodejs with itself (no rclpy here)' : 'rclnodejs with rclpy, both ways';
    return { ...finding, state: 'found', found: `${found}, by ${variables.RMW_IMPLEMENTATION}`, remedy: '' };
  } catch (error) {
    const words = (error instanceof Error ? error.message : String(error)).split('\n').filter((line) => line.trim());
    const found = words.length > 1 ? words[words.length - 1] : `no answer within ${EXCHANGE_MS / 1000} s`;
    const remedy = 'allow UDP and shared memory (/dev/shm) to processes of this machine; ROS_DOMAIN_ID within 0 to 101';
    return { ...finding, state: 'missing', found, remedy };
  } finally {
    peer?.kill('SIGKILL');
  }
}

const EXCHANGE_MS = 30_000;

/** The other side in Python, or null where rclpy cannot be imported. */
async function startPeer(
  python: string,
  topic: string,
  env: Variables,
): Promise<{ kill(signal: 'SIGKILL'): void } | null> {
  const child = spawn(python, [join(PACKAGE_ROOT, 'ros', 'setup', 'probe.py'), topic], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ready = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true));
    child.once('error', () => resolve(false));
    child.once('close', () => resolve(false));
  });
  return ready ? child : null;
}
