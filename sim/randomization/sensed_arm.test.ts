import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { RobotState } from '../../control/index.ts';
import { graspedObject, PANDA } from '../../test/support/sim_rig.ts';
import { FingerTactile, PERFECT_TACTILE } from '../sensors/index.ts';
import { createTask } from '../tasks/index.ts';
import { drawRandomization } from './draw.ts';
import { randomization } from './record.ts';
import { SensedArm } from './sensed_arm.ts';

const robot = PANDA;
const FINGERS = robot.model.body_joint_names.flatMap((name, body) => (name.includes('finger') ? [body] : []));
const JOINTS = 7;
const READINGS = 4000;
/** Of two fingers, N. */
const TOUCH_N = [20, 1, -2, 18, 0, 0];

function record(level: 'none' | 'hard') {
  const task = createTask('pick-place');
  const streams = { start_up: createRng(2), episode: createRng(2, 'episode') };
  return drawRandomization(level, streams, robot, task, task.reset(createRng(2)));
}

/** A driver that reads zeros but at the fingertips, and what is read through the sensors. */
function sensed(level: 'none' | 'hard'): RobotState[] {
  const arm = {
    joint_names: robot.model.joint_names,
    read: () => ({
      position: new Float64Array(9),
      velocity: new Float64Array(9),
      effort: new Float64Array(9),
      wrench: new Float64Array(6),
      tactile: Float64Array.from(TOUCH_N),
    }),
    write: () => {},
  };
  const driver = new SensedArm(arm, JOINTS, record(level), createRng(3), 0.002);
  return Array.from({ length: READINGS }, () => driver.read());
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

test('reads with the drawn noise on the arm, none on the fingers, and the drawn bias at the wrist', () => {
  const { sensors } = record('hard').reset;
  const states = sensed('hard');
  for (let i = 0; i < 9; i++) {
    const positions = states.map(({ position }) => position[i]);
    if (i >= JOINTS) expect(positions.every((value) => value === 0)).toBe(true);
    else {
      expect(Math.abs(mean(positions))).toBeLessThan((4 * sensors.encoder_noise_rad) / Math.sqrt(READINGS));
      expect(deviation(positions) / sensors.encoder_noise_rad).toBeCloseTo(1, 1);
    }
  }
  for (let k = 0; k < 3; k++) {
    const forces = states.map(({ wrench }) => wrench[k]);
    expect(Math.abs(mean(forces) - sensors.wrench_bias_N[k])).toBeLessThan(
      (4 * sensors.wrench_noise_N) / Math.sqrt(READINGS),
    );
    expect(deviation(forces) / sensors.wrench_noise_N).toBeCloseTo(1, 1);
  }
});

test('feels with the drawn gain and noise at every fingertip, and nothing where there is no sense of touch', () => {
  const { tactile_gain_scale: gain, tactile_noise_N: sigma } = record('hard').reset.sensors;
  expect(Math.abs(gain - 1)).toBeGreaterThan(1e-3);
  const states = sensed('hard');
  TOUCH_N.forEach((force, k) => {
    const forces = states.map(({ tactile }) => tactile?.[k] ?? Number.NaN);
    expect(Math.abs(mean(forces) - gain * force)).toBeLessThan((4 * sigma) / Math.sqrt(READINGS));
    expect(deviation(forces) / sigma).toBeCloseTo(1, 1);
  });
  const rig = graspedObject({ type: 'box', size: [0.04, 0.04, 0.06] }, 20);
  const arm = new SensedArm(rig.arm, JOINTS, record('hard'), createRng(3), 0.002);
  expect(arm.read().tactile).toBeUndefined();
  rig.arm.feel(new FingerTactile(PERFECT_TACTILE, PANDA.model, FINGERS, rig.engine, createRng(4)));
  const felt = arm.read().tactile?.slice() ?? [];
  expect(felt).toHaveLength(6);
  for (const normal of [felt[0], felt[3]]) expect(Math.abs(normal - 20 * gain)).toBeLessThan(0.4 * gain + 5 * sigma);
});

test('a record from before there was touch is one without its errors', () => {
  const drawn = record('hard');
  const { tactile_gain_scale, tactile_noise_N, ...older } = drawn.reset.sensors;
  expect([tactile_gain_scale, tactile_noise_N]).not.toContain(0);
  const { sensors } = randomization.parse({ ...drawn, reset: { ...drawn.reset, sensors: older } }).reset;
  expect(sensors).toEqual({ ...older, tactile_gain_scale: 1, tactile_noise_N: 0 });
});

test('reads the truth at level none', () => {
  for (const { position, wrench, tactile } of sensed('none').slice(0, 3)) {
    expect([...(tactile ?? [])]).toEqual(TOUCH_N);
    expect([...position, ...wrench].every((value) => value === 0)).toBe(true);
  }
});
