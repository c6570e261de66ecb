import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { rewriteRecording } from '../../test/support/rewritten_recording.ts';
import { sweep } from '../../test/support/sweep.ts';
import { EpisodeRunner } from '../episode.ts';
import { DEFAULT_EPISODE_OPTIONS } from '../options.ts';
import type { WorldRecord } from '../world_record.ts';
import { ArmReplay } from './arm_replay.ts';
import { aroundOf, drawAround, parseAround } from './around.ts';
import { fitOf, parseFit } from './fit_file.ts';
import { freeSpans } from './free_motion.ts';
import { type Identification, identify } from './identify.ts';
import { type MotionTrace, motionOf, readMotion } from './motion_trace.ts';

const robot = loadRobot('panda');
const options = {
  ...DEFAULT_EPISODE_OPTIONS,
  ...({ policy: 'expert', observation: 'state', randomize: 'hard', seed: 7 } as const),
};
/** Read from recordings that say nothing of their world; and from those as they were. */
const traces: MotionTrace[] = [];
const unstripped: MotionTrace[] = [];
let world: WorldRecord;
let found: Identification;

/** What the record of the world says that the arm was. */
function truthOf(name: string): number {
  const [, quantity, index] = /^(\w+?)(?:\[(\d)\])?$/.exec(name) ?? [];
  const value = Object.entries(world.randomization.start_up).find(([key]) => key === quantity)?.[1];
  return Array.isArray(value) ? Number(value[Number(index)]) : Number(value);
}

beforeAll(async () => {
  await withFolder(async (folder) => {
    mkdirSync(folder, { recursive: true });
    const runner = await EpisodeRunner.create(options);
    for (const index of [0, 1]) {
      const recording = { folder, metadata: {} };
      const hooks = { pace: Number.POSITIVE_INFINITY, recording, trace_file: null, onStage: () => {} };
      ({ world } = await runner.run(index, { ...hooks, stopped: () => false }));
      const [whole, blind] = [join(folder, `episode-000${index}.mcap`), join(folder, `blind-${index}.mcap`)];
      await rewriteRecording(whole, blind, { metadata: () => ({}) });
      unstripped.push(await readMotion(`${index}`, whole, robot));
      traces.push(await readMotion(`${index}`, blind, robot));
    }
    await runner.close();
  });
  found = await identify(robot, traces, { iterations: sweep(4, 6), seed: 0, seconds: 1.6 });
}, 120_000);

describe('identification of an arm from two episodes', () => {
  it('a replay with what truly was does what was recorded; a nominal arm does not', () => {
    const { start_up } = world.randomization;
    const [trace] = traces;
    const [span] = freeSpans(trace);
    const miss = (change: object) => {
      const replay = new ArmReplay(robot, { ...start_up, ...change });
      const out = new Float64Array((span.end - span.first) * 21);
      replay.play(trace, span, out);
      let worst = 0;
      for (let row = span.scored; row < span.end; row++)
        worst = Math.max(worst, Math.abs(out[(row - span.first) * 21 + 20] - trace.effort[7 * row + 6]));
      return worst;
    };
    expect(miss({})).toBeLessThan(0.1);
    expect(miss({ joint_friction_scale: Array(7).fill(1) })).toBeGreaterThan(1.5 * miss({}));
  });

  it('a recording says the same with and without the record of its world', () => {
    expect(traces).toEqual(unstripped);
  });

  it('the error of what can be told falls by at least 70 %', () => {
    const told = found.parameters.filter(({ identifiable }) => identifiable);
    expect(told.length).toBeGreaterThanOrEqual(8);
    const [first, last] = [0, 0].map((_, k) =>
      Math.hypot(
        ...told.map(({ name, before, after }) => {
          const truth = truthOf(name);
          const width = name.includes('encoder') ? 0.002 : name.includes('armature') ? 0.2 : 1;
          return ((k === 0 ? before : after) - truth) / width;
        }),
      ),
    );
    expect(last).toBeLessThan(0.3 * first);
    expect(found.error_after).toBeLessThan(0.3 * found.error_before);
    for (const { ci, after } of told) expect(ci[0] <= after && after <= ci[1]).toBe(true);
  });

  it('knows how late commands are, and what a rotor weighs', () => {
    for (const [name, within] of [
      ['latency_cycles', 0.05],
      ['armature_kg_m2', 0.005],
      ['torque_scale', 0.002],
    ] as const) {
      const row = found.parameters.find((each) => each.name === name);
      expect(Math.abs((row?.after ?? Number.NaN) - truthOf(name)), name).toBeLessThan(within);
    }
  });

  it('worlds drawn around it keep what was told, and vary the rest as before', () => {
    const fit = parseFit(JSON.parse(JSON.stringify(fitOf(robot, ['a'], found))), 'fit.json', robot);
    const { start_up } = world.randomization;
    const around = parseAround(aroundOf(fit), robot);
    expect(around.size).toBe(fit.parameters.filter(({ identifiable }) => identifiable).length);
    const drawn = drawAround(around, start_up, robot, createRng(1));
    const friction = found.parameters.find(({ name }) => name === 'joint_friction_scale[3]');
    expect(Math.abs(drawn.joint_friction_scale[3] - (friction?.after ?? Number.NaN))).toBeLessThan(0.1);
    expect(drawn.cameras).toEqual(start_up.cameras);
    expect(() => parseFit({ ...fit, robot: 'ur5' }, 'fit.json', robot)).toThrow(/fit.json: robot ur5/);
    expect(() => parseFit({ ...fit, parameters: fit.parameters.slice(1) }, 'fit.json', robot)).toThrow(/parameters.0/);
  });

  it('names the topic that is absent, and joints of another robot', async () => {
    const joints = {
      names: robot.model.joint_names.slice(0, 7),
      ...{ time_s: new Float64Array(60), logged_s: new Float64Array(60) },
      ...{ position: new Float64Array(420), velocity: new Float64Array(420), effort: new Float64Array(420) },
    };
    const read = (given: Partial<Parameters<typeof motionOf>[2]>) => () =>
      motionOf('a', 'a.mcap', { joints, command: joints, wrench: null, ...given }, robot);
    expect(read({ joints: null })).toThrow(/a.mcap.*joint_states/);
    expect(read({ command: null })).toThrow(/controller_state/);
    expect(read({ joints: { ...joints, names: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] } })).toThrow(/those of panda/);
    expect(read({ joints: { ...joints, effort: joints.effort.map(() => Number.NaN) } })).toThrow(/no effort of/);
    await expect(identify(robot, [], { iterations: 1, seed: 0, seconds: 1 })).rejects.toThrow(/at least 2/);
  });
});
