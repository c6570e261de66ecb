import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  CAMERAS,
  createRng,
  InProcessBus,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot, PANDA_URDF } from '../robots/index.ts';
import { launchBrowser, WEBGL_FLAGS } from '../test/support/browser.ts';
import { openSession, TeleopClient } from '../test/support/teleop_client.ts';
import { OperatorServer } from './server/operator_server.ts';

/** How long (min), and how many times the usual rates: SUREPICK_MEMORY_MINUTES for who has less time. */
const MINUTES = Number(process.env.SUREPICK_MEMORY_MINUTES ?? 32);
const TIMES = 10;
/** Until ten minutes of the past are kept, it grows. */
const WARM = Math.min(11, Math.ceil(MINUTES / 2));
const STATE: SafetyState = {
  ...{ stamp_ns: 0n, mode: 'automatic', latched: false, reasons: [], stop_category: -1, drives_on: true },
  ...{ stop_time_s: 0, lease_valid: true, passed: 0, limited: 0, stopped: 0, degradation: 'none', pace: 1 },
  ...{ separation_m: null, protective_distance_m: null },
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-memory-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it(
  `${MINUTES} minutes at ${TIMES} times the message rate: the memory of server and page stays flat`,
  async () => {
    const robot = loadRobot('panda');
    const bus = new InProcessBus();
    bus.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
    const began_ms = performance.now();
    const now_ns = () => secondsToStamp((performance.now() - began_ms) / 1000);
    bus.publish(TOPICS.robot_description, { data: readFileSync(PANDA_URDF, 'utf8') });
    const server = await OperatorServer.create(
      {
        ...{ bus, robot, world: { kind: 'simulation', robot: 'panda', name: 'panda' } },
        clock: { now_ns, schedule: () => () => {} },
        close: async () => {},
      },
      {
        ...{ host: 'localhost', port: 0, tls: null, names: ['localhost'], login: 'code', places: [], news: [] },
        ...{ state_dir: join(folder, 'state'), config_dir: join(folder, 'config'), out_dir: folder },
        ...{ runs_dir: folder, approvals: null },
      },
      {},
      SILENT_LOG,
    );
    const base = await server.listen();
    const session = await openSession(server.loginUrl(base));
    const browser = await launchBrowser(WEBGL_FLAGS);
    const page = await browser.newPage();
    await page.goto(server.loginUrl(base));
    await expect.poll(() => page.getByText('SIMULATION').count(), { timeout: 20_000 }).toBeGreaterThan(0);
    const devtools = await page.context().newCDPSession(page);
    const pageBytes = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize;
    };
    const rng = createRng(1);
    // Encoded, every picture is about as large as any other: what is kept of them does not grow by what they show.
    const picture = Uint8Array.from({ length: 320 * 240 * 3 }, () => 120 + rng.int(16));
    const joints = setInterval(() => {
      for (let k = 0; k < TIMES; k++) {
        const stamp_ns = now_ns();
        const [position, velocity, effort] = [robot.home_q.slice(), new Float64Array(8), new Float64Array(8)];
        position[0] += 0.01 * rng.normal();
        bus.publish(TOPICS.joint_states, { stamp_ns, names: robot.model.joint_names, position, velocity, effort });
        bus.publish(TOPICS.wrench, { stamp_ns, frame_id: 'hand', force: [0, 0, 0], torque: [0, 0, 0] });
      }
      bus.publish(TOPICS.safety_state, { ...STATE, stamp_ns: now_ns(), reasons: rng.int(5) === 0 ? ['stale'] : [] });
    }, 10);
    const pictures = setInterval(
      () => {
        for (const name of ['overview', 'wrist'] as const) {
          const [width, height] = name === 'overview' ? [320, 240] : [128, 128];
          const data = picture.slice(0, width * height * 3);
          data[rng.int(data.length)] = rng.int(256);
          bus.publish(CAMERAS[name].colour, { stamp_ns: now_ns(), frame_id: name, width, height, data });
        }
      },
      1000 / 15 / TIMES,
    );
    const clients = await Promise.all([1, 2, 3].map(() => TeleopClient.connect(session)));
    for (const client of clients) await client.watchPictures();
    const floors: Record<'server' | 'page', number[]> = { server: [], page: [] };
    for (let minute = 0; minute < MINUTES; minute++) {
      let [served, shown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let look = 0; look < 6; look++) {
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        for (const client of clients) client.forget();
        globalThis.gc?.();
        const { heapUsed, arrayBuffers, external } = process.memoryUsage();
        served = Math.min(served, heapUsed + Math.max(arrayBuffers, external));
        shown = Math.min(shown, await pageBytes());
      }
      floors.server.push(served / 2 ** 20);
      floors.page.push(shown / 2 ** 20);
      process.stdout.write(
        `minute ${minute + 1}: server ${(served / 2 ** 20).toFixed(1)}, page ${(shown / 2 ** 20).toFixed(1)} MiB\n`,
      );
    }
    clearInterval(joints);
    clearInterval(pictures);
    for (const client of clients) client.close();
    await browser.close();
    await server.close();
    for (const [who, all] of Object.entries(floors)) {
      const list = all.map((mib) => mib.toFixed(1)).join(' ');
      expect(growthPer10Minutes(all.slice(WARM)), `${who}: ${list}`).toBeLessThan(1);
    }
  },
  (MINUTES + 5) * 60_000,
);

/** Of floors minute by minute (MiB): the least of the second half less the least of the first, for ten minutes. */
function growthPer10Minutes(floors: readonly number[]): number {
  const half = Math.floor(floors.length / 2);
  const growth = Math.min(...floors.slice(half)) - Math.min(...floors.slice(0, half));
  return (growth / Math.max(1, half)) * 10;
}
