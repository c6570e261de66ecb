import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, type TestContext } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { removeDeadSegments, rosEnvironment, setupRos, sharedMemory, tryTake } from '../../ros/setup/index.ts';
import { requirePeer } from './peer.ts';

/** The variables of a process that uses ROS (merged over this process's own), and an interpreter with rclpy. */
export interface RosTestbed {
  readonly env: Readonly<Record<string, string>>;
  readonly python: string;
}

/** A setup from nothing, on a machine that has other work. */
const SETUP_TIMEOUT_MS = 900_000;

let testbed: Promise<RosTestbed | { readonly missing: string }> | undefined;

/**
 * The ROS 2 that tests run on, set up once for all of them; the first caller waits for the setup, minutes at worst.
 * Nodes that are started with its variables see this machine alone.
 */
export function rosForTests(): Promise<RosTestbed | { readonly missing: string }> {
  testbed ??= makeTestbed();
  return testbed;
}

// The limits of single tests are not meant for a setup, so it is waited for before the first of them.
beforeAll(async () => {
  await rosForTests();
}, SETUP_TIMEOUT_MS);

/** 1.4 GB. */
const MANY_SEGMENTS = 40;

// Tests kill processes, and shared memory of killed processes stays.
afterAll(async () => {
  const found = await rosForTests();
  if ('env' in found && (sharedMemory()?.segments ?? 0) > MANY_SEGMENTS) await removeDeadSegments(found.env);
});

async function makeTestbed(): Promise<RosTestbed | { readonly missing: string }> {
  try {
    const ros = await setupRos({ confirm: async () => true });
    const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const env = {
      ...Object.fromEntries(own),
      ...rosEnvironment(ros),
      ...(ros.distro === 'humble' ? { ROS_LOCALHOST_ONLY: '1' } : { ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST' }),
      ROS_HOME: join(tmpdir(), 'surepick-ros-tests'),
    };
    return { env, python: ros.python ?? 'python3' };
  } catch (error) {
    return { missing: error instanceof InputError || error instanceof Error ? error.message : String(error) };
  }
}

/** For the body of a test: the testbed, or the test is skipped with the remedy (fails under SUREPICK_REQUIRE). */
export async function requireRos(ctx: TestContext): Promise<RosTestbed> {
  const found = await rosForTests();
  if ('env' in found) return found;
  requirePeer(ctx, 'ros', found.missing, false);
  throw new Error(found.missing);
}

const DOMAINS = join(tmpdir(), 'surepick-ros-domains');
const LAST_DOMAIN = 101;
const taken: number[] = [];

/** A ROS domain that no other process of any test run on this machine has; it is free again when this process ends. */
export function freshDomain(): number {
  mkdirSync(DOMAINS, { recursive: true });
  for (let k = 0; k < LAST_DOMAIN; k++) {
    const domain = 1 + ((process.pid * 7 + k) % LAST_DOMAIN);
    if (taken.includes(domain) || !tryTake(join(DOMAINS, String(domain)))) continue;
    if (taken.length === 0) process.once('exit', releaseDomains);
    taken.push(domain);
    return domain;
  }
  throw new Error(`all ROS domains 1 to ${LAST_DOMAIN} are in use; ${DOMAINS} says by which processes`);
}

function releaseDomains(): void {
  for (const domain of taken) rmSync(join(DOMAINS, String(domain)), { force: true });
}

export interface RosProcessOptions {
  readonly domain: number;
  /** More variables, after those of the testbed. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a process printed, and how it ended: `code` null after a signal. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under ROS; it is killed when this process ends. */
export interface RosProcess {
  readonly child: ChildProcess;
  /** What it printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the first line of stdout that the pattern matches; fails when the process ends before. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

/**
 * Starts a program under ROS. stdin stays open: write lines to `child.stdin`.
 *
 * @param command  e.g. `[python, '-u', '-c', script]` or `[process.execPath, await compiledProgram('echo_node')]`
 */
export function startUnderRos(ros: RosTestbed, command: readonly string[], options: RosProcessOptions): RosProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...ros.env, ROS_DOMAIN_ID: String(options.domain), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.stdin.on('error', () => {});
  let stdout = '';
  let stderr = '';
  let over = false;
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.removeListener('exit', kill);
      over = true;
      look();
      resolve({ code, signal, stdout, stderr });
    });
  });
  ended.catch(() => {});
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const watcher = () => {
        const whole = over ? stdout : stdout.slice(0, stdout.lastIndexOf('\n') + 1);
        const found = whole.split('\n').find((text) => pattern.test(text));
        if (found === undefined && !over) return;
        watchers.delete(watcher);
        if (found !== undefined) resolve(found);
        else
          reject(
            new Error(`${command.join(' ').slice(0, 200)} ended before it printed ${pattern}:\n${stdout}\n${stderr}`),
          );
      };
      watchers.add(watcher);
      watcher();
    });
  return { child, stdout: () => stdout, stderr: () => stderr, line, ended };
}

/** Starts Python source with rclpy at hand; what it prints is not buffered. */
export function startRclpy(
  ros: RosTestbed,
  script: string,
  args: readonly string[],
  options: RosProcessOptions,
): RosProcess {
  return startUnderRos(ros, [ros.python, '-u', '-c', script, ...args], options);
}

/**
 * Runs Python source with rclpy at hand to its end and returns what it printed.
 *
 * @throws Error with what it printed when it ends with another code than 0, or runs longer than `timeout_s`
 */
export async function runRclpy(
  ros: RosTestbed,
  script: string,
  args: readonly string[],
  { timeout_s = 60, ...options }: RosProcessOptions & { readonly timeout_s?: number },
): Promise<string> {
  const started = startRclpy(ros, script, args, options);
  const timer = setTimeout(() => started.child.kill('SIGKILL'), timeout_s * 1000);
  try {
    const { code, signal, stdout, stderr } = await started.ended;
    if (code === 0) return stdout;
    throw new Error(`rclpy script ended with ${code ?? signal}:\n${stdout}\n${stderr}`);
  } finally {
    clearTimeout(timer);
  }
}
