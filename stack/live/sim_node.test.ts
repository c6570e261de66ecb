import { afterEach, describe, expect, it } from 'vitest';
import { CAMERAS, type ColourImage, TOPICS } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { type ToolChange, withTool } from '../../robots/index.ts';
import { LockStepCell, PANDA } from '../../test/support/live_cell.ts';

const cells: LockStepCell[] = [];
async function cell(options: object = {}, tool: ToolChange | null = null): Promise<LockStepCell> {
  const made = await LockStepCell.start(options, tool);
  cells.push(made);
  return made;
}
afterEach(async () => {
  for (const made of cells.splice(0)) await made.close();
});

describe('the node of a live cell', () => {
  it('publishes clock, wrench and joint states at 100 Hz under the stamps of simulated time', async () => {
    const made = await cell({ joint_states: true, seed: 2 });
    const stamps: Record<string, bigint[]> = { clock: [], wrench: [], joints: [] };
    made.bus.subscribe(TOPICS.clock, 'test', ({ stamp_ns }) => void stamps.clock.push(stamp_ns));
    made.bus.subscribe(TOPICS.wrench, 'test', ({ stamp_ns }) => void stamps.wrench.push(stamp_ns));
    let last = new Float64Array(0);
    made.bus.subscribe(TOPICS.joint_states, 'test', ({ stamp_ns, position, names, effort }) => {
      stamps.joints.push(stamp_ns);
      last = position;
      expect(names).toEqual(PANDA.model.joint_names);
      expect(Math.abs(effort[3])).toBeGreaterThan(5);
    });
    made.swing(true);
    await made.turns(500);
    const expected = Array.from({ length: 100 }, (_, k) => BigInt(k + 1) * 10_000_000n);
    expect(stamps).toEqual({ clock: expected, wrench: expected, joints: expected });
    expect(last[0]).toBe(made.joint1.position);
  });

  it('has the weight of a tool on the joints, and forces at its tip', async () => {
    const tool: ToolChange = {
      T_tool_tcp: { position: [0, 0, 0.05], orientation: [0, 0, 0, 1] },
      payload: { mass_kg: 0.3, com_m: [0.01, 0, 0.02] },
    };
    const made = await cell({ joint_states: true }, tool);
    let effort = new Float64Array(0);
    let q = new Float64Array(0);
    let frame = '';
    made.bus.subscribe(TOPICS.joint_states, 'test', (state) => {
      effort = state.effort;
      q = state.position;
    });
    made.bus.subscribe(TOPICS.wrench, 'test', ({ frame_id }) => {
      frame = frame_id;
    });
    await made.turns(500);
    const held = (robot: typeof PANDA) => {
      const { model } = robot;
      const tau = new Float64Array(model.nq);
      const data = new RobotData(model);
      forwardKinematics(model, data, q);
      rnea(model, data, new Float64Array(model.nq), new Float64Array(model.nq), tau);
      return tau;
    };
    const [heavy, light] = [held(withTool(PANDA, tool)), held(PANDA)];
    for (let j = 0; j < PANDA.arm_joints; j++)
      expect(Math.abs(effort[j] - heavy[j]), `joint ${j + 1}`).toBeLessThan(0.1);
    expect(Math.hypot(...heavy.map((tau, j) => tau - light[j]))).toBeGreaterThan(1);
    expect(frame).toBe('tool_tcp');
  });

  it('leaves joint states to the controller unless it is told to publish them', async () => {
    const made = await cell();
    let came = 0;
    made.bus.subscribe(TOPICS.joint_states, 'test', () => {
      came++;
    });
    await made.turns(50);
    expect(came).toBe(0);
  });

  it('publishes pictures once their latency has passed, the same for the same seed', async () => {
    const runs: { seen: ColourImage[]; ages_ms: number[] }[] = [];
    for (let run = 0; run < 2; run++) {
      const made = await cell({ cameras: true, randomize: 'train', seed: 8 });
      const seen: ColourImage[] = [];
      const ages_ms: number[] = [];
      let now_ns = 0n;
      made.bus.subscribe(TOPICS.clock, 'test', ({ stamp_ns }) => {
        now_ns = stamp_ns;
      });
      for (const { colour } of Object.values(CAMERAS)) {
        made.bus.subscribe(colour, 'test', (image) => {
          seen.push(image);
          ages_ms.push(Number(now_ns - image.stamp_ns) / 1e6);
        });
      }
      await made.turns(200);
      runs.push({ seen, ages_ms });
    }
    const [{ seen, ages_ms }, again] = runs;
    expect(seen.length).toBeGreaterThanOrEqual(6);
    expect(seen.length).toBeLessThanOrEqual(8);
    for (const age_ms of ages_ms) expect(age_ms).toBeGreaterThanOrEqual(30);
    expect(again.seen.map(({ stamp_ns, frame_id }) => [stamp_ns, frame_id])).toEqual(
      seen.map(({ stamp_ns, frame_id }) => [stamp_ns, frame_id]),
    );
    seen.forEach(({ data }, k) => {
      expect(Buffer.compare(data, again.seen[k].data), `picture ${k}`).toBe(0);
    });
  });

  it('tells where the fixed camera stands, once for all, and nothing of those on the robot', async () => {
    const made = await cell({ cameras: true });
    const frames: string[] = [];
    made.bus.subscribe(TOPICS.tf_static, 'test', ({ transforms }) => {
      frames.push(...transforms.map(({ parent, child }) => `${parent} ${child}`));
    });
    expect(frames).toEqual(['world camera_color_optical_frame']);
  });

  it('says in its diagnostics how it is', async () => {
    const made = await cell();
    made.swing(true);
    await made.turns(100);
    expect(made.node.diagnostics()).toMatchObject({
      state: 'playing',
      arm_phase: 'following',
      arm_stopped_by_itself: 0,
    });
    made.swing(false);
    await made.turns(400);
    expect(made.node.diagnostics()).toMatchObject({ arm_phase: 'holding', arm_stopped_by_itself: 1 });
  });

  it('falls silent towards the controller where the world comes apart, and is mended by a reset', async () => {
    const made = await cell({ seed: 1 });
    const [, entity] = (await made.call('entities', { filter: '' })).entities;
    const { state } = await made.call('get_entity', { entity });
    await made.call('set_entity', { entity, state: { ...state, linear: [0, 0, 1e4] } });
    await made.turns(20);
    expect(made.node.diagnostics()).toMatchObject({ world: expect.stringContaining(entity) });
    const { taken } = made.states;
    await made.turns(20);
    expect(made.states.taken).toBe(taken);
    expect((await made.call('set_state', { state: 'paused' })).result.code).toBe(1);
    expect((await made.call('set_state', { state: 'playing' })).result).toMatchObject({ code: 102 });
    expect((await made.call('step', { steps: 1 })).result).toMatchObject({ code: 4 });
    expect((await made.call('reset', { scope: 0 })).result.code).toBe(1);
    expect((await made.call('set_state', { state: 'playing' })).result.code).toBe(1);
    await made.turns(20);
    expect(made.states.taken).toBe(taken + 20);
    expect(made.node.diagnostics()).not.toHaveProperty('world');
  });
});
