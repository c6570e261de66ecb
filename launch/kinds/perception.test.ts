import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CAMERAS,
  createRng,
  type Detections,
  InProcessBus,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import {
  CALIBRATION_FORMAT,
  type Calibration,
  calibratedCameraOf,
  DETECTION_FEATURES,
  moved,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CAMERA_SPECS, createEngine, createTask, SceneView, SimCamera } from '../../sim/index.ts';
import { believedCamera } from '../../stack/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { withFolder } from '../../test/support/recording.ts';
import { nodeSchema } from '../graph.ts';
import { perception } from './perception.ts';

const robot = loadRobot('panda', { visualMeshes: false });

/** What the node warns of when it is configured with a model, in a cell with a simulated world or without. */
async function configured(folder: string, model: string, simulated: boolean): Promise<string[]> {
  const node = await built(folder, { model }, simulated);
  const warned: string[] = [];
  const log = { ...SILENT_LOG, warn: (_: object, text: string) => void warned.push(text) };
  try {
    await node.configure({ bus: new InProcessBus(), clock: new SimClock(), log });
  } finally {
    await node.cleanup();
  }
  return warned;
}

function built(folder: string, given: Readonly<Record<string, unknown>>, simulated: boolean) {
  const parameters = perception.parameters.parse({ providers: ['cpu'], ...given });
  const sim = { ...nodeSchema.parse({ kind: 'sim' }), name: 'sim', process: 'sim', busy_s: 2 };
  const none = () => {};
  return perception.build({
    ...{ name: 'eye', namespace: '', robot, robot_name: 'panda', out_dir: folder, channels: null },
    ...{ cell: { nodes: simulated ? [sim] : [], programs: [] }, heard: [], stopsArm: none, fail: none, quit: none },
    ...{ report: none, listens: none, parameters: () => parameters, inference: { threaded: false } },
    parametersOf: (kind) => kind.parameters.parse({}),
  });
}

describe('a model that nobody signed', () => {
  it('is used and warned of in a simulated world, and refused before a real arm', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'model.onnx');
      cpSync(join(shippedPin().folder, 'model.onnx'), file);
      cpSync(join(shippedPin().folder, 'manifest.json'), join(folder, 'manifest.json'));
      expect((await configured(folder, file, true)).join()).toMatch(/model file@.* is signed by nobody/);
      await expect(configured(folder, file, false)).rejects.toThrow(/nobody vouches for it.*surepick models sign/);
    }));
});

it('takes what the repository vouches for before a real arm, and says nothing', () =>
  withFolder(async (folder) => {
    expect((await configured(folder, 'vision', false)).join()).not.toMatch(/signed/);
  }));

/** The shipped network as another model: each of its detections is right with the same probability, or it has no calibration. */
function toyModel(folder: string, name: string, probability: number | null): string {
  const into = join(folder, name);
  mkdirSync(into);
  const shipped = shippedPin().folder;
  // A doc_string of the ONNX file, so that its hash is its own.
  const tag = Buffer.from(name);
  const onnx = Buffer.concat([readFileSync(join(shipped, 'model.onnx')), Buffer.from([0x32, tag.length]), tag]);
  const file = join(into, 'model.onnx');
  writeFileSync(file, onnx);
  const manifest: object = JSON.parse(readFileSync(join(shipped, 'manifest.json'), 'utf8'));
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  writeFileSync(
    join(into, 'manifest.json'),
    JSON.stringify({ ...manifest, sha256, calibration: probability === null ? undefined : always(probability) }),
  );
  return file;
}

function always(probability: number): Calibration {
  const [zeros, ones] = [0, 1].map((value) => DETECTION_FEATURES.map(() => value));
  const bias = Math.log(probability / (1 - probability));
  return {
    fitted_on: { set: 'made up', seed: 0, objects: 0 },
    object: { features: [...DETECTION_FEATURES], means: zeros, scales: ones, weights: zeros, bias },
    ...{ temperature: 1, conformal: { level: 0.9, quantile: 0.5 }, costs: {}, thresholds: {} },
  };
}

/** What a graph's perception sees in two pictures of one table, and says of itself. */
async function lookedAt(folder: string, given: Readonly<Record<string, unknown>>) {
  const node = await built(folder, given, true);
  const bus = new InProcessBus();
  const clock = new SimClock();
  await node.configure({ bus, clock, log: SILENT_LOG });
  const seen: Detections[] = [];
  try {
    node.activate();
    bus.subscribe(TOPICS.detections, 'test', (message) => void seen.push(message));
    const { scene } = createTask('pick-place').reset(createRng(5), 'all');
    const engine = createEngine('cannon', robot, scene);
    engine.setRobotState(robot.home_q, new Float64Array(robot.model.nq));
    const camera = new SimCamera(CAMERA_SPECS.overview, new SceneView(scene, robot.model), robot.model);
    for (const stamp_s of [0.1, 0.2]) {
      const frame = camera.capture(engine, secondsToStamp(stamp_s), createRng(1));
      clock.advance(secondsToStamp(stamp_s + 0.03));
      bus.publish(CAMERAS.overview.info, frame.info);
      bus.publish(CAMERAS.overview.colour, frame.colour);
      bus.publish(CAMERAS.overview.depth, frame.depth);
      clock.advance(secondsToStamp(stamp_s + 0.06));
      await bus.settled();
    }
    return { seen, told: node.diagnostics?.() ?? {} };
  } finally {
    node.deactivate();
    await node.cleanup();
  }
}

describe('a full model behind a fast one', () => {
  it('is asked where the fast one doubts and answers in its place, which diagnostics count', () =>
    withFolder(async (folder) => {
      const [doubts, knows] = [toyModel(folder, 'doubts', 0.9), toyModel(folder, 'knows', 0.999)];
      const alone = await lookedAt(folder, { model: doubts });
      expect(alone.seen.map(({ detections: [{ confidence }] }) => confidence?.verdict)).toEqual([
        'look_again',
        'look_again',
      ]);
      const { seen, told } = await lookedAt(folder, { model: doubts, full_model: knows, deadline_s: 60 });
      expect(seen).toHaveLength(2);
      for (const { model, detections } of seen) {
        expect(model).toBe(told.full_model);
        expect(model).not.toBe(alone.seen[0].model);
        expect(detections[0].confidence?.verdict).toBe('accept');
      }
      expect(told).toMatchObject({ routed_fast: 0, routed_doubted: 2, routed_no_time: 0 });
      const sure = await lookedAt(folder, { model: knows, full_model: doubts });
      expect(sure.seen[0].model).toBe(told.full_model);
      expect(sure.told).toMatchObject({ routed_fast: 2, routed_doubted: 0 });
    }));

  it('is refused behind one that never doubts', () =>
    withFolder(async (folder) => {
      const [plain, knows] = [toyModel(folder, 'plain', null), toyModel(folder, 'knows', 0.999)];
      const node = await built(folder, { model: plain, full_model: knows }, true);
      const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
      await expect(node.configure(context)).rejects.toThrow(/surepick models calibrate .*plain/);
    }));
});

/** A file in which the overview camera stands so far beside its place (m), known to a tenth of a millimetre. */
function calibrationFile(folder: string, beside_m: number): string {
  const { intrinsics, T_mount_camera } = believedCamera(robot, 'overview');
  const { width, height } = CAMERA_SPECS.overview;
  const variances = (n: number, sigma: number) =>
    Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? sigma * sigma : 0));
  const overview = calibratedCameraOf(
    {
      ...{ name: 'overview', mounting: 'eye_to_hand', method: 'motion', width, height },
      pictures: { taken: 1, used: 1, sha256: '0'.repeat(64) },
    },
    {
      intrinsics,
      intrinsics_covariance: variances(9, 1e-2),
      T_mount_camera: moved(T_mount_camera, [0, 0, 0, beside_m, 0, 0]),
      pose_covariance: variances(6, 1e-4),
      encoder_offset_rad: new Float64Array(7),
      residuals: { kind: 'metres', rms: 0, views: [] },
    },
  );
  const file = join(folder, `cameras-${beside_m}.json`);
  const date = '2026-05-01T10:00:00Z';
  writeFileSync(
    file,
    JSON.stringify({ format: CALIBRATION_FORMAT, version: 1, robot: 'panda', date, cameras: [overview] }),
  );
  return file;
}

describe('a calibration of the cameras', () => {
  it('is gone by: things are seen from where it has the camera, and their place is surer', () =>
    withFolder(async (folder) => {
      const model = { model: 'classical', providers: ['classical'] };
      const before = (await lookedAt(folder, model)).seen[0].detections[0];
      const { seen, told } = await lookedAt(folder, { ...model, calibration: calibrationFile(folder, 0.004) });
      const [after] = seen[0].detections;
      expect(after.pose.position[0] - before.pose.position[0]).toBeCloseTo(0.004, 3);
      expect(after.covariance[0]).toBeLessThan(0.5 * before.covariance[0]);
      expect(told).not.toHaveProperty('calibration_refused');
    }));

  it('is refused where it is of another cell', () =>
    withFolder(async (folder) => {
      const given = { model: 'classical', calibration: calibrationFile(folder, 0.2) };
      const node = await built(folder, given, true);
      const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
      await expect(node.configure(context)).rejects.toThrow(/200 mm and .* from where it is said to be/);
    }));
});
