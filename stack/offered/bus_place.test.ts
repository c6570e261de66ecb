import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { CAMERAS, SERVICES, TOPICS } from '../../contracts/index.ts';
import { PANDA, policyOnBus } from '../../test/support/policy_on_bus.ts';
import { type LinearPolicy, linearPolicy, type ManifestChanges } from '../../test/support/task_policies.ts';
import { envelopeSha256 } from '../policies/task_policy_file.ts';
import { openOnRobot } from './open_offered.ts';

const IMAGES = { name: 'pictures', cameras: ['wrist'], width: 16, height: 16, channels: 3 };
const OBSERVATION = [
  { name: 'tool_position', size: 3, unit: 'm' },
  { name: 'gripper_width', size: 1, unit: 'm' },
];
const AT_REST = 1e-6;

const folder = mkdtempSync(join(tmpdir(), 'surepick-bus-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let written = 0;
function fileOf({ bytes, manifest }: LinearPolicy): string {
  const file = join(folder, `policy-${++written}.onnx`);
  writeFileSync(file, bytes);
  writeFileSync(file.replace('.onnx', '.manifest.json'), JSON.stringify(manifest));
  return file;
}

/** Moves away from the robot's base, told by its own joints, with a picture that it does not heed. */
const seeing = (changes: ManifestChanges = {}, logit?: number) =>
  linearPolicy(
    0.5,
    { images: IMAGES, observation: OBSERVATION, ...changes },
    { pictures: [1, 3, 16, 16], ...(logit === undefined ? {} : { logit }) },
  );

type Rig = Awaited<ReturnType<typeof policyOnBus>>;
let rig: Rig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

async function withPolicy(policy = seeing()): Promise<Rig> {
  rig = await policyOnBus([fileOf(policy)]);
  await rig.run(0.3);
  return rig;
}

describe('a policy outside of the process of the loop', () => {
  it('moves the arm as a policy, waits at no speed, is slower at less, goes on, and is taken back at rest', async () => {
    const { bus, cell, policies, run, start } = await withPolicy();
    const { told, sent } = start();
    expect(await run(0.8)).toBeGreaterThan(0.1);
    expect(cell.gate.source).toBe('policy');
    expect(told.feedback.at(-1)).toMatchObject({ phase: 'running', stage: 'approach', confidence: null });
    const shown = policies[0].network.pictures;
    expect([Math.min(...shown) >= 0, Math.max(...shown) <= 1, new Set(shown).size > 10]).toEqual([true, true, true]);
    await bus.call(SERVICES.set_speed, { speed: 0 });
    await run(0.6);
    expect(await run(0.4)).toBeLessThan(AT_REST);
    const waiting = told.feedback.at(-1);
    expect(waiting).toMatchObject({ phase: 'waiting' });
    await bus.call(SERVICES.set_speed, { speed: 0.2 });
    expect(await run(0.6)).toBeGreaterThan(0.01);
    // At a fifth of the speed a fifth of the time passes.
    expect(told.feedback.at(-1)?.time_s).toBeLessThan((waiting?.time_s ?? 0) + 0.2);
    sent.cancel();
    await run(1);
    expect(told.result).toMatchObject({ ok: false, stage: 'approach', reason: 'cancelled' });
    expect(await run(0.3)).toBeLessThan(AT_REST);
    expect(cell.gate.latched).toBe(false);
    expect(await run(0.2)).toBeLessThan(AT_REST);
  });

  it('ends at rest, nothing latched, when people can stop it no more, it is silent, or another moves the arm', async () => {
    const causes: Readonly<Record<string, (rig: Rig) => unknown>> = {
      'teleop, by which people stop the arm, is silent': ({ watch }) => {
        watch.heard = false;
      },
      'somebody else moves the arm': ({ bus, clock }) => {
        const stamp_ns = clock.now_ns();
        bus.publish(TOPICS.servo_twist, { stamp_ns, frame_id: '', linear: [0, 0, 0.05], angular: [0, 0, 0] });
      },
      // A process that is held up decides nothing and sends nothing.
      'what it asked for came too late': async ({ node, run }) => {
        const { cycled } = node;
        node.cycled = () => undefined;
        await run(0.6);
        expect(await run(0.1)).toBeLessThan(AT_REST);
        node.cycled = cycled;
      },
    };
    for (const [reason, befall] of Object.entries(causes)) {
      const one = await withPolicy();
      const { cell, run, start } = one;
      const { told } = start();
      await run(0.5);
      expect(told.result, reason).toBeNull();
      await befall(one);
      await run(1.5, () => told.result !== null);
      expect(told.result).toMatchObject({ ok: false, stage: 'policy', reason });
      await run(0.5);
      expect(await run(0.1), reason).toBeLessThan(AT_REST);
      expect(cell.gate.latched).toBe(false);
      await one.close();
    }
    rig = null;
  });

  it('waits while pictures are old, says which, and ends where none comes', async () => {
    const { bus, run, start } = await withPolicy();
    const { told } = start();
    await run(0.6);
    const { publish } = bus;
    bus.publish = (topic, message) => {
      if (topic.name !== CAMERAS.wrist.colour.name) publish.call(bus, topic, message);
    };
    await run(0.7);
    expect(await run(0.2)).toBeLessThan(AT_REST);
    const waiting = told.feedback.at(-1);
    expect(waiting).toMatchObject({ phase: 'waiting', reason: expect.stringMatching(/wrist camera is 0\.4\d s old/) });
    bus.publish = publish;
    expect(await run(0.6)).toBeGreaterThan(0.05);
    bus.publish = (topic, message) => {
      if (topic.name !== CAMERAS.wrist.colour.name) publish.call(bus, topic, message);
    };
    await run(3);
    expect(told.result).toMatchObject({
      ok: false,
      stage: 'policy',
      reason: expect.stringContaining('wrist camera is 2.'),
    });
  });

  it('ends at a stop, which stays latched, and begins only in automatic mode, from home, with pictures', async () => {
    const { bus, cell, run, start } = await withPolicy();
    const { told } = start();
    await run(0.5);
    await bus.call(SERVICES.safety_stop, {});
    await run(1);
    expect(told.result).toMatchObject({ ok: false, stage: 'safety' });
    expect(cell.gate.latched).toBe(true);
    const refused = (changes: object = {}) => start(changes).told.result?.reason;
    expect(refused()).toContain('reset it first');
    await bus.call(SERVICES.safety_reset, {});
    await bus.call(SERVICES.safety_set_mode, { mode: 'reduced', enabled: false });
    await run(0.2);
    expect(refused()).toContain('automatic mode');
    expect(refused({ model_sha256: 'f'.repeat(64) })).toBe('no such policy is offered here');
  });

  it('is done when two pictures show the object where it should stand, and not by one', async () => {
    const { bus, clock, goal, run, start } = await withPolicy();
    const { told } = start();
    await run(0.5);
    const [x, y] = goal.target;
    const show = async (away_m: number) => {
      const box = { type: 'box', size: [0.04, 0.04, 0.04] } as const;
      const seen = { ...goal.object, id: 0, score: 1, shape: box, pixels: 50 };
      const pose = { position: [x + away_m, y, 0.02], orientation: [0, 0, 0, 1] } as const;
      bus.publish(TOPICS.detections, {
        ...{ stamp_ns: clock.now_ns(), frame_id: 'world', request_id: 'overview/1', source: 'onnx' },
        ...{ degraded_reason: '', model: 'test' },
        detections: [{ ...seen, pose, covariance: new Array<number>(36).fill(0), image_box: [0, 0, 1, 1] }],
      });
      await run(0.1);
    };
    await show(0);
    await show(0.05);
    await show(0);
    expect(told.result).toBeNull();
    await show(0);
    await run(0.6);
    expect(told.result).toMatchObject({ ok: true, stage: 'done' });
  });

  it('asks when it is unsure, goes on after a yes, and ends after a no', async () => {
    const UNSURE = { confidence: { name: 'sure', temperature: 1, ask_below: 0.5 } };
    const { asked, ends, bus, clock, run, start } = await withPolicy(seeing(UNSURE, -1));
    const answer = (text: string) => {
      const [{ id, frame_sha256, model }] = asked.slice(-1);
      bus.publish(TOPICS.escalation_answers, {
        ...{ id, stamp_ns: clock.now_ns(), answer: text, by: 'ada', frame_sha256, model },
      });
    };
    const { told } = start();
    await run(0.3);
    await expect.poll(() => asked.length).toBe(1);
    expect(await run(0.4)).toBeLessThan(AT_REST);
    expect(told.feedback.at(-1)).toMatchObject({ phase: 'asking', stage: 'approach' });
    answer('go on');
    expect(await run(1)).toBeGreaterThan(0.05);
    expect(ends.at(-1)).toMatchObject({ end: 'answered', answer: 'go on', by: 'ada' });
    await run(5);
    await expect.poll(() => asked.length).toBe(2);
    answer('skip');
    await run(0.5);
    expect(told.result).toMatchObject({ ok: false, reason: 'ada said no' });
  });
});

describe('what is not offered on a robot', () => {
  const refusal = (policy: LinearPolicy, real = false) => openOnRobot([fileOf(policy)], PANDA, real);

  it('is named: features that only a simulator tells, no pictures, another robot, no envelope on a real arm', async () => {
    await expect(refusal(linearPolicy(1))).rejects.toThrow(
      /wanted_offset of observation: what a robot tells of itself/,
    );
    await expect(refusal(linearPolicy(1, { observation: OBSERVATION }))).rejects.toThrow(/no images: pictures/);
    await expect(refusal(seeing({ robot: 'ur5e' }))).rejects.toThrow(/robot ur5e: is panda/);
    await expect(refusal(seeing(), true)).rejects.toThrow(/envelope_sha256 null: [0-9a-f]{64} on a real arm/);
    const trained = seeing({ envelope_sha256: envelopeSha256(PANDA) });
    expect(await refusal(trained, true)).toHaveLength(1);
  });
});
