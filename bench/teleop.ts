import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PACKAGE_ROOT, quantile } from '../contracts/index.ts';
import { TABLE_PLACES, Teleop, type TeleopOptions } from '../teleop/index.ts';
import { type Benchmark, type BenchmarkResult, row } from './benchmark.ts';
import { BenchPage, echoTimes, openSession } from './teleop_client.ts';

const PAGES = 9;
const STOPS = 30;
const JOGS = 40;
const HELD_MS = 1000 / 30;
const RATE_S = 5;
const REST_RAD_S = 0.002;
const CRUISE_RAD_S = 0.1;
/** What the web view is held to. */
const AIM = { state_hz: 29, picture_hz: 14, motion_ms: 100, taken_ms: 5, standstill_ms: 250 };

/** A simulated cell with its operators' server, and nine pages, one of which takes nothing. */
export const teleop: Benchmark = {
  name: 'teleop',
  claim:
    'nine pages beside a simulated cell: state at 30 Hz, two cameras at 15 Hz, a held control moves the arm within 100 ms and a press of Stop is taken within 5 ms (both 95 %), beside a bare socket',
  async run(progress) {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-bench-'));
    const stop = new AbortController();
    try {
      progress('a cell and its server start');
      let running: Promise<void> = Promise.resolve();
      const url = await new Promise<string>((resolve, reject) => {
        running = new Teleop(optionsIn(folder), { onUrl: resolve, onNote: () => {} }).run(stop.signal);
        running.catch(reject);
      });
      try {
        return await measured(url, progress);
      } finally {
        stop.abort();
        await running;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function optionsIn(folder: string): TeleopOptions {
  return {
    ...{ host: 'localhost', port: 0, tls: null, names: ['localhost'], login: 'code', places: TABLE_PLACES },
    robot: { kind: 'simulated', graph: join(PACKAGE_ROOT, 'graphs', 'teleop.yaml') },
    ...{ foxglove: false, approvals: null, runs_dir: folder, log_level: 'error' },
    config_dir: join(folder, 'config'),
    state_dir: join(folder, 'state'),
    out_dir: join(folder, 'out'),
  };
}

async function measured(url: string, progress: (line: string) => void): Promise<BenchmarkResult> {
  const session = await openSession(url);
  const pages: BenchPage[] = [];
  for (let k = 0; k < PAGES; k++) pages.push(await BenchPage.open(session));
  const [operator, paused, ...others] = pages;
  paused.pause();
  const alive = setInterval(() => operator.alive(), 250);
  try {
    await operator.until(({ pictures_ms }) => pictures_ms.length > 2, 'pictures');
    operator.ask({ type: 'lease', want: 'take' });
    await operator.until(({ frame }) => frame?.lease.yours === true, 'control');
    progress('state and pictures of each page');
    const rates = await ratesOf(others);
    progress('held controls');
    const motion_ms: number[] = [];
    for (let k = 0; k < JOGS; k++) motion_ms.push(await inputToMotion(operator, k % 2 === 0 ? 1 : -1));
    progress('presses of Stop');
    const stops = { taken: [] as number[], standstill: [] as number[] };
    for (let k = 0; k < STOPS; k++) {
      const { taken_ms, standstill_ms } = await pressed(operator, k % 2 === 0 ? 1 : -1);
      stops.taken.push(taken_ms);
      stops.standstill.push(standstill_ms);
    }
    progress('a bare socket');
    const echo_ms = await echoTimes(STOPS);
    return resultOf(rates, motion_ms, stops, echo_ms);
  } finally {
    clearInterval(alive);
    for (const page of pages) page.close();
  }
}

interface Rates {
  readonly state_hz: number;
  readonly picture_hz: number;
}

/** Of the page that gets least. */
async function ratesOf(pages: readonly BenchPage[]): Promise<Rates> {
  const from = pages.map(({ frames_ms, pictures_ms }) => [frames_ms.length, pictures_ms.length]);
  const began_ms = performance.now();
  await pause(1000 * RATE_S);
  const seconds = (performance.now() - began_ms) / 1000;
  const least = (of: (page: BenchPage, k: number) => number) => Math.min(...pages.map(of)) / seconds;
  return {
    state_hz: least(({ frames_ms }, k) => frames_ms.length - from[k][0]),
    picture_hz: least(({ pictures_ms }, k) => (pictures_ms.length - from[k][1]) / 2),
  };
}

/** From the press of a control until a state shows motion, ms. */
async function inputToMotion(page: BenchPage, direction: number): Promise<number> {
  await page.until(({ speed_rad_s }) => speed_rad_s < REST_RAD_S, 'rest');
  await pause(300);
  const began_ms = performance.now();
  const holding = setInterval(() => page.jog(direction), HELD_MS);
  page.jog(direction);
  await page.until(({ speed_rad_s }) => speed_rad_s > REST_RAD_S, 'motion');
  const took_ms = performance.now() - began_ms;
  await pause(200);
  clearInterval(holding);
  page.release();
  return took_ms;
}

/** Stop while the arm cruises; then a reset. */
async function pressed(page: BenchPage, direction: number): Promise<{ taken_ms: number; standstill_ms: number }> {
  const holding = setInterval(() => page.jog(direction), HELD_MS);
  await page.until(({ speed_rad_s }) => speed_rad_s > CRUISE_RAD_S, 'speed');
  await pause(100);
  const began_ms = performance.now();
  const id = page.press();
  const at = (phase: string) => page.stops.find((one) => one.id === id && one.phase === phase)?.at_ms;
  await page.until(() => at('standstill') !== undefined, 'standstill');
  clearInterval(holding);
  page.release();
  await page.until(({ frame }) => frame?.safety?.latched === true, 'a latched stop');
  page.ask({ type: 'reset' });
  await page.until(({ frame }) => frame?.safety?.latched === false, 'a reset');
  await pause(200);
  return {
    taken_ms: (at('taken') ?? Number.NaN) - began_ms,
    standstill_ms: (at('standstill') ?? Number.NaN) - began_ms,
  };
}

function resultOf(
  { state_hz, picture_hz }: Rates,
  motion_ms: readonly number[],
  { taken, standstill }: { readonly taken: readonly number[]; readonly standstill: readonly number[] },
  echo_ms: readonly number[],
): BenchmarkResult {
  const at = (values: readonly number[], share: number) => quantile(Float64Array.from(values), share);
  const bare = (share: number) => ({ name: 'echo of a bare socket', value: at(echo_ms, share) });
  const [motion, taken_95, still] = [at(motion_ms, 0.95), at(taken, 0.95), at(standstill, 0.95)];
  return {
    rows: [
      row('state, the page that gets least', state_hz, 'Hz', { name: 'aim', value: 30 }),
      row('pictures of a camera, the page that gets least', picture_hz, 'Hz', { name: 'aim', value: 15 }),
      row('held control to motion shown, p50', at(motion_ms, 0.5), 'ms'),
      row('held control to motion shown, p95', motion, 'ms', { name: 'aim', value: AIM.motion_ms }),
      row('Stop to the server’s word, p50', at(taken, 0.5), 'ms', bare(0.5)),
      row('Stop to the server’s word, p95', taken_95, 'ms', bare(0.95)),
      row('Stop to standstill shown, p50', at(standstill, 0.5), 'ms'),
      row('Stop to standstill shown, p95', still, 'ms'),
    ],
    checks: [
      check('state at 30 Hz', state_hz >= AIM.state_hz, `${state_hz.toFixed(1)} Hz`),
      check('two cameras at 15 Hz', picture_hz >= AIM.picture_hz, `${picture_hz.toFixed(1)} Hz`),
      check('held control to motion', motion <= AIM.motion_ms, `p95 ${motion.toFixed(0)} ms`),
      check('Stop to the server', taken_95 <= AIM.taken_ms, `p95 ${taken_95.toFixed(1)} ms`),
      check('every stop to standstill', still <= AIM.standstill_ms, `p95 ${still.toFixed(0)} ms`),
    ],
  };
}

function check(name: string, pass: boolean, detail: string) {
  return { name, pass, detail };
}
