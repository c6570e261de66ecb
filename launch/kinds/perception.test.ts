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
import { DETECTION_FEATURES } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CAMERA_SPECS, createEngine, createTask, SceneView, SimCamera } from '../../sim/index.ts';
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

/** The shipped network as another model: each of its detections is right with the same probability. */
function toyModel(folder: string, name: string, probability: number): string {
  const into = join(folder, name);
  mkdirSync(into);
  const shipped = shippedPin().folder;
  // A doc_string of the ONNX file, so that its hash is its own.
  const tag = Buffer.from(name);
  const onnx = Buffer.concat([readFileSync(join(shipped, 'model.onnx')), Buffer.from([0x32, tag.length]), tag]);
  const file = join(into, 'model.onnx');
  writeFileSync(file, onnx);
  const [zeros, ones] = [0, 1].map((value) => DETECTION_FEATURES.map(() => value));
  const bias = Math.log(probability / (1 - probability));
  const calibration = {
    fitted_on: { set: 'made up', seed: 0, objects: 0 },
    object: { features: [...DETECTION_FEATURES], means: zeros, scales: ones, weights: zeros, bias },
    ...{ temperature: 1, conformal: { level: 0.9, quantile: 0.5 }, costs: {}, thresholds: {} },
  };
  const manifest: object = JSON.parse(readFileSync(join(shipped, 'manifest.json'), 'utf8'));
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  writeFileSync(join(into, 'manifest.json'), JSON.stringify({ ...manifest, sha256, calibration }));
  return file;
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
      const node = await built(folder, { model: 'vision', full_model: toyModel(folder, 'knows', 0.999) }, true);
      const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
      await expect(node.configure(context)).rejects.toThrow(/surepick models calibrate vision/);
    }));
});
