import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { findRos, rosEnvironment } from '../ros/index.ts';
import { type Benchmark, type BenchmarkResult, row } from './benchmark.ts';

const ROUNDS = 3;
const PINGS = 1_000;
/** Both runtimes compile what runs often; a machine that is busy with other work is slow to. */
const WARM_UP = 2_000;
const TIMES_BETTER = 3;
const FORMS = ['ours', 'middleware', 'rclpy', 'objects'] as const;
const TITLES = {
  ours: 'this stack',
  middleware: 'this stack by the middleware alone',
  rclpy: 'rclpy',
  objects: 'rclnodejs objects',
} as const;
type Form = (typeof FORMS)[number];

export interface RosPeers {
  /** Variables of a process that uses ROS 2. */
  readonly env: NodeJS.ProcessEnv;
  /** An interpreter with rclpy. */
  readonly python: string;
  /** The compiled ros_ping.js; by default the one beside this file. */
  readonly program?: string;
}

/** Round trips of a 7-joint JointState between two processes that read and write it whole, by three libraries in turn. */
export const rosLatency: Benchmark = {
  name: 'ros-latency',
  claim: `a JointState there and back at least ${TIMES_BETTER} times faster than with rclpy, in the median`,
  async run(progress) {
    const ros = findRos();
    if ('missing' in ros) {
      progress(`skipped: ${ros.missing}`);
      return { rows: [], checks: [] };
    }
    const env = { ...process.env, ...rosEnvironment(ros), ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST' };
    return latencies({ env, python: ros.python ?? 'python3' }, ROUNDS, PINGS, progress);
  },
};

export async function latencies(
  peers: RosPeers,
  rounds: number,
  pings: number,
  progress: (line: string) => void,
): Promise<BenchmarkResult> {
  const times_us: Record<Form, number[]> = { ours: [], middleware: [], rclpy: [], objects: [] };
  for (let round = 0; round < rounds; round++) {
    for (const form of FORMS) {
      progress(`${TITLES[form]}, round ${round + 1} of ${rounds}`);
      times_us[form].push(...(await roundTrips(peers, form, pings + WARM_UP)).slice(WARM_UP));
    }
  }
  for (const form of FORMS) times_us[form].sort((a, b) => a - b);
  const quantile = (form: Form, share: number) => times_us[form][Math.floor(share * (times_us[form].length - 1))];
  const rows = [0.5, 0.95, 0.99].flatMap((share) =>
    (['ours', 'middleware', 'objects'] as const).map((form) =>
      row(`round trip, ${TITLES[form]}, ${100 * share} %`, quantile(form, share), 'µs', {
        name: TITLES.rclpy,
        value: quantile('rclpy', share),
      }),
    ),
  );
  const better = quantile('rclpy', 0.5) / quantile('ours', 0.5);
  const checks = [
    {
      name: `at least ${TIMES_BETTER} times faster than rclpy`,
      pass: better >= TIMES_BETTER,
      detail: `${better.toFixed(2)} times in the median of ${times_us.ours.length} round trips each`,
    },
  ];
  return { rows, checks };
}

/** Times of `count` round trips in order, µs. */
async function roundTrips({ env: variables, python, program }: RosPeers, form: Form, count: number): Promise<number[]> {
  const script = program ?? join(import.meta.dirname, 'ros_ping.js');
  const command =
    form === 'rclpy'
      ? [python, join(PACKAGE_ROOT, 'bench', 'ros_ping.py')]
      : [process.execPath, script, form === 'objects' ? form : 'ours'];
  const env = { ...variables, SUREPICK_LOCAL_LINK: form === 'middleware' ? '0' : '1' };
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(command[0], [...command.slice(1), ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const pong = start('pong');
  try {
    const ended = exitOf(pong);
    await Promise.race([
      firstLine(pong),
      ended.then((code) => Promise.reject(new Error(`${form} ended with ${code}`))),
    ]);
    const ping = start('ping', String(count));
    const [line, code] = await Promise.all([firstLine(ping), exitOf(ping)]);
    if (code !== 0) throw new Error(`${form}: ping ended with ${code}`);
    pong.stdin?.end();
    if ((await ended) !== 0) throw new Error(`${form}: pong ended with ${await ended}`);
    return z.array(z.number()).length(count).parse(JSON.parse(line));
  } finally {
    pong.kill('SIGKILL');
  }
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | string | null>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.on('close', () => resolve(text));
  });
}
