import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { openSecondWorld, RANGES, SHIPPED_SECOND_WORLD } from '../../sim/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { EpisodeRunner } from '../episode.ts';
import { DEFAULT_EPISODE_OPTIONS } from '../options.ts';
import { identify } from './identify.ts';
import type { ArmQuantity } from './identify_parameters.ts';
import { type MotionTrace, readMotion } from './motion_trace.ts';

const EPISODES = 20;
const robot = loadRobot('panda');

/** The judge alone unseals what the arm of the second world truly is. */
function truth(): Readonly<Partial<Record<ArmQuantity, number | readonly number[]>>> {
  const file = join(PACKAGE_ROOT, 'sim', 'second_world', 'sealed.json.gz');
  const { effects } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
  return {
    ...{ gain_scale: effects.gain.gain_scale, latency_cycles: effects.latency.cycles },
    ...{ torque_scale: 1, armature_kg_m2: 0 },
    joint_friction_scale: effects.joint_friction.coulomb_scale,
    joint_damping_scale: effects.joint_friction.viscous_scale,
    encoder_offset_rad: effects.encoder_offset.offset_rad,
  };
}

it('from twenty episodes of the second world, the error of what can be told of its arm falls by 70 %', async () => {
  const { name: second_world } = openSecondWorld(SHIPPED_SECOND_WORLD);
  const expert = { policy: 'expert', observation: 'state', engine: 'mujoco', seed: 2_026_112_709 } as const;
  const traces: MotionTrace[] = [];
  await withFolder(async (folder) => {
    const runner = await EpisodeRunner.create({ ...DEFAULT_EPISODE_OPTIONS, ...expert, second_world });
    for (let index = 0; index < EPISODES; index++) {
      const recording = { folder, metadata: {} };
      const hooks = { pace: Number.POSITIVE_INFINITY, recording, trace_file: null, onStage: () => {} };
      await runner.run(index, { ...hooks, stopped: () => false });
      const file = join(folder, `episode-${String(index).padStart(4, '0')}.mcap`);
      traces.push(await readMotion(`${index}`, file, robot));
    }
    await runner.close();
  });
  const { parameters } = await identify(robot, traces, { iterations: 10, seed: 0, seconds: 3 });
  const told = parameters.filter(({ identifiable }) => identifiable);
  const errors = told.map(({ name, before, after }) => {
    const { quantity, is } = trueValue(name);
    const [low, high] = RANGES[quantity].hard;
    return { before: (2 * (before - is)) / (high - low), after: (2 * (after - is)) / (high - low) };
  });
  const [before, after] = [
    Math.hypot(...errors.map((one) => one.before)),
    Math.hypot(...errors.map((one) => one.after)),
  ];
  const names = told.map(({ name }) => name).join(', ');
  expect(told.length, names).toBeGreaterThanOrEqual(10);
  expect(after / before, names).toBeLessThan(0.3);
}, 900_000);

function trueValue(name: string): { readonly quantity: ArmQuantity; readonly is: number } {
  const [, word, index] = /^(\w+?)(?:\[(\d)\])?$/.exec(name) ?? [];
  for (const quantity of QUANTITIES) {
    if (quantity !== word) continue;
    const value = truth()[quantity];
    return { quantity, is: Number(typeof value === 'object' ? value[Number(index)] : value) };
  }
  throw new Error(`no truth of ${name}`);
}

const QUANTITIES = [
  ...(['gain_scale', 'torque_scale', 'latency_cycles', 'armature_kg_m2'] as const),
  ...(['joint_friction_scale', 'joint_damping_scale', 'encoder_offset_rad'] as const),
];
