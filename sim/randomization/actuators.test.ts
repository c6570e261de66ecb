import { expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { DEFAULT_SIM_ARM, simArmOptions } from '../actuators/options.ts';
import { createTask } from '../tasks/index.ts';
import { randomizeArm } from './actuators.ts';
import { drawRandomization } from './draw.ts';
import type { RandomizationLevel } from './record.ts';

const robot = loadRobot('panda');

function record(level: RandomizationLevel, seed: number) {
  const task = createTask('pick-place');
  const streams = { start_up: createRng(seed), episode: createRng(seed, 'episode') };
  return drawRandomization(level, streams, robot, task, task.reset(createRng(seed)));
}

test('at none the actuators are the nominal ones', () => {
  expect(simArmOptions(randomizeArm(record('none', 1), robot), robot)).toEqual(DEFAULT_SIM_ARM);
});

test('every drawn set of actuators is one that an arm can have, and differs from the nominal one in all that is drawn', () => {
  const all = new Set<string>();
  for (const level of ['train', 'hard'] as const) {
    for (let seed = 0; seed < 40; seed++) {
      const drawn = record(level, seed);
      const options = simArmOptions(randomizeArm(drawn, robot), robot);
      for (const [name, value] of Object.entries(options)) {
        const nominal = Object.entries(DEFAULT_SIM_ARM).find(([key]) => key === name)?.[1];
        if (JSON.stringify(value) !== JSON.stringify(nominal)) all.add(name);
      }
      const { joint_friction_scale } = drawn.start_up;
      const friction = joint_friction_scale.map((scale, i) => scale * robot.model.friction[i]);
      expect(options.joint_friction_Nm).toEqual(friction);
      expect(options.latency_cycles).toBe(drawn.start_up.latency_cycles);
    }
  }
  expect([...all].sort()).toEqual(
    [
      'armature_kg_m2',
      'backlash_rad',
      'finger_damping_N_s_m',
      'finger_stiffness_N_m',
      'gain_scale',
      'joint_damping_Nm_s_rad',
      'joint_friction_Nm',
      'latency_cycles',
      'torque_scale',
    ].sort(),
  );
});
