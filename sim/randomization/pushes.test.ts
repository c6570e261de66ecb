import { expect, test } from 'vitest';
import { createRng, type Vector3 } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createCannonEngine } from '../cannon/index.ts';
import type { SceneModel } from '../scene.ts';
import { PickPlaceTask } from '../tasks/index.ts';
import { Pusher } from './pushes.ts';
import type { Push } from './record.ts';

const robot = loadRobot('panda');
const HZ = 500;

/** A drawn world whose objects hang in the air, far from everything. */
function floating(): SceneModel {
  const { scene } = new PickPlaceTask().reset(createRng(1));
  const objects = scene.objects.slice(0, 1).map((o) => ({
    ...o,
    pose: { position: [0.5, 0.5, 5] as const, orientation: [0, 0, 0, 1] as const },
  }));
  return { ...scene, objects };
}

test('a push on an object changes its momentum by force times duration, and turns nothing', () => {
  const scene = floating();
  const push: Push = { time_s: 0.05, push_duration_s: 0.04, on: 0, force_N: [1.5, -0.5, 0] };
  const state = new Float64Array(13);
  const engine = createCannonEngine(robot, scene, { dt_s: 1 / HZ });
  const pusher = new Pusher(robot, engine, [push]);
  for (let k = 0; k < 100; k++) {
    pusher.push(k / HZ);
    engine.step();
  }
  engine.objectState(0, state, 0);
  const { mass_kg } = scene.objects[0];
  expect(mass_kg * state[7]).toBeCloseTo(1.5 * 0.04, 9);
  expect(mass_kg * state[8]).toBeCloseTo(-0.5 * 0.04, 9);
  expect(Math.hypot(state[10], state[11], state[12])).toBeLessThan(1e-12);
});

test('a push on the hand is what joint torques Jᵀ F are, with the Jacobian of the tool frame by differences', () => {
  const force: Vector3 = [7, 20, -5];
  const { model, home_q } = robot;
  const world = () => createCannonEngine(robot, { ...floating(), objects: [] }, { dt_s: 1 / HZ });
  const pushed = world();
  new Pusher(robot, pushed, [{ time_s: 0, push_duration_s: 0.002, on: 'hand', force_N: force }]).push(0);
  pushed.step();
  const turned = world();
  const still = world();
  const h = 1e-6;
  for (let j = 0; j < model.nq; j++) {
    const [above, below] = [h, -h].map((step) => toolAt(Float64Array.from(home_q, (q, i) => (i === j ? q + step : q))));
    for (let k = 0; k < 3; k++) turned.tau[j] += (force[k] * (above[k] - below[k])) / (2 * h);
  }
  turned.step();
  still.step();
  for (let j = 0; j < model.nq; j++) expect(pushed.v[j], `joint ${j}`).toBeCloseTo(turned.v[j], 8);
  expect(Math.abs(pushed.v[0] - still.v[0])).toBeGreaterThan(1e-3);
});

function toolAt(q: Float64Array): ArrayLike<number> {
  const { model, tcp_frame } = robot;
  const data = new RobotData(model);
  const pose = new Float64Array(12);
  forwardKinematics(model, data, q);
  framePose(model, data, frameIndex(model, tcp_frame), pose);
  return pose.subarray(9);
}
