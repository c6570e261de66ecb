import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { RobotState } from '../../control/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createTask } from '../tasks/index.ts';
import { drawRandomization } from './draw.ts';
import { SensedArm } from './sensed_arm.ts';

const robot = loadRobot('panda');
const JOINTS = 7;
const READINGS = 4000;

function record(level: 'none' | 'hard') {
  const task = createTask('pick-place');
  const streams = { start_up: createRng(2), episode: createRng(2, 'episode') };
  return drawRandomization(level, streams, robot, task, task.reset(createRng(2)));
}

/** A driver that reads zeros, and what is read through the sensors. */
function sensed(level: 'none' | 'hard'): RobotState[] {
  const arm = {
    joint_names: robot.model.joint_names,
    read: () => ({
      position: new Float64Array(9),
      velocity: new Float64Array(9),
      effort: new Float64Array(9),
      wrench: new Float64Array(6),
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

test('reads the truth at level none', () => {
  for (const { position, wrench } of sensed('none').slice(0, 3)) {
    expect([...position, ...wrench].every((value) => value === 0)).toBe(true);
  }
});
