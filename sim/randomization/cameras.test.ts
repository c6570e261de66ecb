import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { SceneView } from '../render/index.ts';
import { CAMERA_SPECS, NO_PERTURBATION, SimCamera } from '../sensors/index.ts';
import { createTask } from '../tasks/index.ts';
import { randomizeScene } from './apply.ts';
import { randomizeCamera } from './cameras.ts';
import { drawRandomization } from './draw.ts';
import type { RandomizationLevel } from './record.ts';

const robot = loadRobot('panda');
const task = createTask('sort');

function world(level: RandomizationLevel, seed: number) {
  const instance = task.reset(createRng(7));
  const streams = { start_up: createRng(seed), episode: createRng(seed, 'episode') };
  return { record: drawRandomization(level, streams, robot, task, instance), scene: instance.scene };
}

test('at none a camera is its calibration', () => {
  const { record } = world('none', 1);
  expect(randomizeCamera(record, 'overview')).toEqual(NO_PERTURBATION);
});

test('at other levels it differs in every way a camera can, each camera in its own', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { record } = world('hard', seed);
    const [overview, wrist] = [randomizeCamera(record, 'overview'), randomizeCamera(record, 'wrist')];
    for (const [name, value] of Object.entries(overview)) {
      const nominal = Object.entries(NO_PERTURBATION).find(([key]) => key === name)?.[1];
      expect(value, name).not.toEqual(nominal);
    }
    expect(overview.pose_error).not.toEqual(wrist.pose_error);
    expect(overview.focal_scale).not.toBe(wrist.focal_scale);
  }
});

test('pictures of a randomised world differ, and what the robot believes of the camera does not', () => {
  const { record, scene } = world('hard', 3);
  const picture = (level: 'nominal' | 'drawn') => {
    const shown = level === 'drawn' ? randomizeScene(record, scene, false) : scene;
    const perturbation = level === 'drawn' ? randomizeCamera(record, 'overview') : NO_PERTURBATION;
    const spec = { ...CAMERA_SPECS.overview, width: 80, height: 60 };
    const camera = new SimCamera(spec, new SceneView(shown, robot.model), robot.model, perturbation);
    return camera.capture(new PosedEngine(shown.objects, robot.model.nq), 0n, createRng(1));
  };
  const [nominal, drawn] = [picture('nominal'), picture('drawn')];
  const changed = drawn.colour.data.filter((value, i) => value !== nominal.colour.data[i]).length;
  expect(changed / drawn.colour.data.length).toBeGreaterThan(0.5);
  expect(drawn.info.K).toEqual(nominal.info.K);
  expect(drawn.info.T_world_camera_optical).toEqual(nominal.info.T_world_camera_optical);
});
