import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CAMERAS,
  type CameraInfo,
  type ColourImage,
  type DepthImage,
  InProcessBus,
  SimClock,
} from '../../contracts/index.ts';
import {
  type CalibrationFile,
  calibratedUncertainties,
  DEFAULT_BOARD,
  type Detector,
  openDetector,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { SimCell } from '../cell.ts';
import { EpisodeRunner } from '../episode.ts';
import { createLog } from '../log.ts';
import { DEFAULT_EPISODE_OPTIONS } from '../options.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { calibrateCell } from './calibrate_cell.ts';
import { readCellCalibration } from './read_calibration.ts';

const SEED = 5;
const WORLDS = 4;
/** Of an episode that is broken off, in times that it is asked. */
const LOOKS = 8;
const robot = loadRobot('panda');
const OPTIONS = { ...DEFAULT_EPISODE_OPTIONS, seed: SEED, randomize: 'hard', model: 'classical' } as const;
const hooks = () => {
  let asked = 0;
  return {
    ...{ pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null },
    ...{ stopped: () => asked++ > LOOKS, onStage: () => {} },
  };
};

let folder = '';
let calibration: CalibrationFile;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-calibrated-'));
  const { file } = calibrateCell(robot, {
    ...{ cameras: ['overview'], method: 'motion', level: 'hard', seed: SEED, views: 20 },
    ...{ board: DEFAULT_BOARD, date: '2026-05-01T10:00:00Z' },
  });
  writeFileSync(join(folder, 'cameras.json'), JSON.stringify(file));
  calibration = readCellCalibration(join(folder, 'cameras.json'), robot);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Distances of detections from the objects they are of, in the table's plane, in units of m and of stated deviations. */
async function errorsWith(detector: Detector, used: CalibrationFile | null) {
  const off_m: number[] = [];
  const chi2: number[] = [];
  const sigma_m: number[] = [];
  for (let index = 0; index < WORLDS; index++) {
    const { instance, rng, randomization } = drawUnrecordedWorld(OPTIONS, index, robot);
    const clock = new SimClock();
    const context = { bus: new InProcessBus(), clock, log: createLog('silent') };
    const cell = new SimCell(robot, instance.scene, rng, context, true, 'cannon', randomization, null, {
      calibration: used,
    });
    const parts: { colour?: ColourImage; depth?: DepthImage; info?: CameraInfo } = {};
    const { colour, depth, info } = CAMERAS.overview;
    context.bus.subscribe(colour, 'test', (image) => void Object.assign(parts, { colour: image }));
    context.bus.subscribe(depth, 'test', (image) => void Object.assign(parts, { depth: image }));
    context.bus.subscribe(info, 'test', (message) => void Object.assign(parts, { info: message }));
    for (const node of cell.nodes) {
      await node.configure(context);
      node.activate();
    }
    const whole = () => parts.colour !== undefined && parts.depth !== undefined && parts.info !== undefined;
    while (!whole() && cell.time_s < 2) {
      cell.step();
      clock.advance(BigInt(Math.round(cell.time_s * 1e9)));
      cell.publish();
    }
    if (parts.colour === undefined || parts.depth === undefined || parts.info === undefined)
      throw new Error(`world ${index}: no picture for 2 s`);
    const seen = await detector.detect({
      request_id: `${index}`,
      colour: parts.colour,
      depth: parts.depth,
      info: parts.info,
    });
    const state = new Float64Array(13);
    for (let k = 0; k < cell.engine.object_count; k++) {
      cell.engine.objectState(k, state, 0);
      const at = seen.detections.map(({ pose: { position: p }, covariance: C }) => {
        const [dx, dy] = [p[0] - state[0], p[1] - state[1]];
        const det = C[0] * C[7] - C[1] * C[6];
        const sigma = Math.sqrt((C[0] + C[7]) / 2);
        return { sigma, off: Math.hypot(dx, dy), chi2: (C[7] * dx * dx - 2 * C[1] * dx * dy + C[0] * dy * dy) / det };
      });
      const nearest = at.sort((a, b) => a.off - b.off)[0];
      if (nearest === undefined || nearest.off > 0.02) continue;
      off_m.push(nearest.off);
      chi2.push(nearest.chi2);
      sigma_m.push(nearest.sigma);
    }
    cell.dispose();
  }
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];
  return { objects: off_m.length, off_m: middle(off_m), chi2: middle(chi2), sigma_m: middle(sigma_m) };
}

describe('a cell whose cameras were calibrated', () => {
  it('sees objects nearer to where they are, and says that it is surer of it', async () => {
    const open = (used: CalibrationFile | null) =>
      openDetector('classical', { cameras: calibratedUncertainties(used) });
    const before = await errorsWith(await open(null), null);
    const after = await errorsWith(await open(calibration), calibration);
    expect(before.objects).toBeGreaterThanOrEqual(WORLDS);
    expect(after.objects).toBeGreaterThanOrEqual(before.objects - 1);
    expect(after.off_m).toBeLessThan(0.5 * before.off_m);
    // Half of all squared distances in a plane are under 1.39 where covariances are as stated; masks may be large.
    expect(after.chi2).toBeLessThan(2.5);
    expect(after.sigma_m).toBeLessThan(0.7 * before.sigma_m);
  }, 120_000);

  it('plays an episode again with the calibration that its record has, and in no other cell', async () => {
    const [with_it, without] = [calibration, null].map((used) => EpisodeRunner.create(OPTIONS, 'silent', {}, used));
    const [one, other] = [await with_it, await without];
    try {
      const first = await one.run(0, hooks());
      expect(first.world.calibration).toEqual(calibration);
      const again = await one.replay(first.world, hooks());
      expect(again.trace.steps).toEqual(first.trace.steps);
      await expect(other.replay(first.world, hooks())).rejects.toThrow(/--calibration/);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  }, 120_000);
});
