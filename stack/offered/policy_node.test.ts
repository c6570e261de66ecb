import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  CAMERAS,
  type Escalation,
  type EscalationEnd,
  InProcessBus,
  type OfferedPolicies,
  type PolicyRun,
  type RunPolicyFeedback,
  type RunPolicyResult,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
  type Vector3,
} from '../../contracts/index.ts';
import { readPolicyExample } from '../../datasets/index.ts';
import { readDemonstrations } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { type LinearPolicy, linearPolicy } from '../../test/support/task_policies.ts';
import { SimCell } from '../cell.ts';
import { checkFeatures, DEFAULT_ENVIRONMENT_OPTIONS, Environment, featureCatalogue } from '../env/index.ts';
import { CONTROL_HZ } from '../rates.ts';
import { readImported } from '../training/imported_demonstrations.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { CellArm, CellPlace } from './cell_place.ts';
import type { ExamplesPlace } from './keep_example.ts';
import { openOffered } from './open_offered.ts';
import { PolicyNode } from './policy_node.ts';
import { RunExample } from './run_example.ts';

const ROBOT = loadRobot('panda', { visualMeshes: false });
const WORLD = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 0 } as const;
const ACTIONS_OF_TOOL = { task: 'pick-place', action: 'ee_delta' } as const;
const PICTURE = { width: 8, height: 6 };
const folder = mkdtempSync(join(tmpdir(), 'surepick-offered-'));
beforeAll(() => prepareEngine('cannon'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let written = 0;
function fileOf({ bytes, manifest }: LinearPolicy): string {
  const file = join(folder, `policy-${++written}.onnx`);
  writeFileSync(file, bytes);
  writeFileSync(file.replace('.onnx', '.manifest.json'), JSON.stringify(manifest));
  return file;
}

/** A cell with a servo and a policy in it, in lock-step. */
async function cellWith(policy: LinearPolicy, examples?: ExamplesPlace) {
  const { instance, rng, randomization } = drawUnrecordedWorld(WORLD, 0, ROBOT);
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const context = { bus, clock, log: SILENT_LOG };
  const { scene, goal } = instance;
  if (goal.task !== 'pick-place') throw new Error(goal.task);
  const cell = new SimCell(ROBOT, scene, rng, context, false, 'cannon', randomization, null, { servo: true });
  const policies = await openOffered([fileOf(policy)], ROBOT, cell.gate.envelope);
  const seeing = { randomization, rng: rng.stream('pictures') };
  const place = new CellPlace({ robot: ROBOT, cell, scene, policies, seeing });
  const node = new PolicyNode({ place, policies, answer_within_s: 2, examples });
  const heard = { offered: [] as OfferedPolicies[], runs: [] as PolicyRun[], asked: [] as Escalation[] };
  const ends: EscalationEnd[] = [];
  bus.subscribe(TOPICS.offered_policies, 'test', (one) => void heard.offered.push(one));
  bus.subscribe(TOPICS.policy_run, 'test', (one) => void heard.runs.push(one));
  bus.subscribe(TOPICS.escalations, 'test', (one) => void heard.asked.push(one));
  bus.subscribe(TOPICS.escalation_ends, 'test', (one) => void ends.push(one));
  for (const each of [...cell.nodes, node]) await each.configure(context);
  for (const each of [...cell.nodes, node]) each.activate();
  /** Runs for a while; gives the fastest joint meanwhile (rad/s). */
  const run = async (seconds: number): Promise<number> => {
    let fastest = 0;
    for (let k = 0; k < Math.round(seconds * CONTROL_HZ); k++) {
      cell.step();
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      await node.cycled();
      for (let j = 0; j < ROBOT.arm_joints; j++)
        fastest = Math.max(fastest, Math.abs(cell.gate.lastCommand.velocity[j]));
    }
    return fastest;
  };
  await run(0.1);
  const [{ offered }] = policies;
  const order = { object: goal.object, target: goal.target };
  const start = (changes: object = {}) => {
    const told: { feedback: RunPolicyFeedback[]; result: RunPolicyResult | null } = { feedback: [], result: null };
    const sent = bus.sendGoal(
      ACTIONS.run_policy,
      { ...order, model_sha256: offered.model_sha256, ...changes },
      {
        onFeedback: (feedback) => void told.feedback.push(feedback),
        onResult: (_, result) => {
          told.result = result;
        },
      },
    );
    return { told, sent };
  };
  const picture = () => {
    const { width, height } = PICTURE;
    const common = { stamp_ns: clock.now_ns(), frame_id: 'camera', width, height };
    const data = new Uint8Array(3 * width * height).fill(120);
    bus.publish(CAMERAS.overview.colour, { ...common, data });
    bus.publish(CAMERAS.overview.depth, { ...common, data: new Float32Array(width * height) });
    const [K, D, T] = [new Array(9).fill(0), new Array(5).fill(0), new Array(16).fill(0)];
    const lens = { K, D, distortion_model: 'plumb_bob' as const, T_world_camera_optical: T };
    bus.publish(CAMERAS.overview.info, { ...common, ...lens, name: 'overview' });
  };
  const answer = (text: string, { id, frame_sha256, model }: Escalation) =>
    bus.publish(TOPICS.escalation_answers, {
      ...{ id, stamp_ns: clock.now_ns(), answer: text, by: 'ada', frame_sha256, model },
    });
  const speed = (share: number) => bus.call(SERVICES.set_speed, { speed: share });
  return { bus, clock, cell, scene, order, node, policies, heard, ends, run, start, picture, answer, speed, offered };
}

const AT_REST = 1e-6;

/** What was kept of the only run. */
async function onlyExample(place: string) {
  const [own] = readdirSync(place);
  const [file, ...others] = readdirSync(join(place, own)).filter((name) => name.endsWith('.json'));
  expect(others).toEqual([]);
  const example = readPolicyExample(join(place, own, file));
  const set = await readDemonstrations(join(place, own, example.demonstration.file));
  expect(set.sha256).toBe(example.demonstration.sha256);
  return { own: join(place, own), example, set };
}

describe('a policy that is started in a cell', () => {
  it('is offered with its hash, moves the arm through the gate, and is taken back at rest when it is cancelled', async () => {
    const { cell, heard, run, start, offered } = await cellWith(linearPolicy(4));
    expect(heard.offered).toMatchObject([{ policies: [offered] }]);
    expect(offered).toMatchObject({ name: 'linear', task: 'pick-place', rate_hz: 25, told: 'state', ask_below: 0 });
    const servo = cell.loop.source;
    const { told, sent } = start();
    expect(await run(1)).toBeGreaterThan(0.1);
    expect(cell.gate.source).toBe('policy');
    expect(told.result).toBeNull();
    expect(told.feedback.at(-1)).toMatchObject({ phase: 'running', stage: 'approach', confidence: null });
    sent.cancel();
    await run(1);
    expect(told.result).toMatchObject({ ok: false, stage: 'approach', reason: 'cancelled' });
    expect(await run(0.2)).toBeLessThan(AT_REST);
    expect(cell.loop.source).toBe(servo);
    expect(cell.gate.latched).toBe(false);
    expect(heard.runs.at(-1)).toMatchObject({ phase: 'ended', reason: 'cancelled', policy: 'linear' });
  });

  it('is slower at less than full speed, waits at none, and goes on from where it is', async () => {
    const whole = await cellWith(linearPolicy(4));
    whole.start();
    const fast = await whole.run(0.6);
    const { run, start, speed } = await cellWith(linearPolicy(4));
    await speed(0.2);
    const { told } = start();
    const slow = await run(0.6);
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(fast / 2);
    await speed(0);
    await run(0.5);
    expect(await run(0.5)).toBeLessThan(AT_REST);
    const waiting = told.feedback.at(-1);
    expect(waiting).toMatchObject({ phase: 'waiting' });
    await speed(1);
    expect(await run(0.6)).toBeGreaterThan(slow);
    expect(told.feedback.at(-1)?.time_s).toBeLessThan((waiting?.time_s ?? 0) + 0.7);
    expect(told.result).toBeNull();
  });

  it('ends at a stop, which stays latched, and begins only in automatic mode', async () => {
    const { bus, cell, run, start } = await cellWith(linearPolicy(4));
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
    await run(0.1);
    expect(refused()).toContain('automatic mode');
  });

  it('is refused beside another, for what is not there, and far from where it has learned to begin', async () => {
    const { bus, cell, run, start } = await cellWith(linearPolicy(4));
    const refused = (changes: object = {}) => start(changes).told.result?.reason;
    expect(refused({ model_sha256: 'f'.repeat(64) })).toBe('no such policy is offered here');
    expect(refused({ object: { class: 'cylinder', colour: 'purple' } })).toContain('not in the scene');
    const first = start();
    await run(0.1);
    expect(refused()).toContain('runs already');
    // Whoever follows a trajectory goes first.
    const names = ROBOT.model.joint_names.slice(0, ROBOT.arm_joints);
    first.sent.cancel();
    await run(1);
    const from = [...cell.gate.lastCommand.position];
    const to = from.map((q, i) => (i === 0 ? q + 0.5 : q));
    const still = new Float64Array(2 * from.length);
    const trajectory = { joint_names: names, time_s: Float64Array.of(0, 4), position: Float64Array.of(...from, ...to) };
    const goal = { label: 'aside', trajectory: { ...trajectory, velocity: still, acceleration: still } };
    bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, { onResult: () => {} });
    await run(0.1);
    expect(refused()).toContain('a trajectory is being followed');
    await run(5);
    expect(refused()).toMatch(/a joint is 0\.\d\d rad from home/);
  });
});

it('a policy that sees is given pictures of the cell and needs nobody to tell it where things are', async () => {
  const images = { name: 'pictures', cameras: ['wrist'], width: 16, height: 16, channels: 3 };
  const observation = [
    { name: 'tool_position', size: 3, unit: 'm' },
    { name: 'gripper_width', size: 1, unit: 'm' },
  ];
  const seeing = linearPolicy(1, { images, observation }, { pictures: [1, 3, 16, 16] });
  const { policies, run, start, offered } = await cellWith(seeing);
  expect(offered.told).toBe('robot');
  const { told } = start();
  expect(await run(0.5)).toBeGreaterThan(0.1);
  expect(told.result).toBeNull();
  const shown = policies[0].network.pictures;
  expect([Math.min(...shown) >= 0, Math.max(...shown) <= 1]).toEqual([true, true]);
  expect(new Set(shown).size).toBeGreaterThan(10);
});

describe('a policy that is unsure', () => {
  const UNSURE = { confidence: { name: 'sure', temperature: 1, ask_below: 0.5 } };
  const unsure = () => linearPolicy(0.5, UNSURE, { logit: -1 });

  it('holds the arm and asks about the picture; a yes lets it go on for a while, another end comes of a no', async () => {
    const place = { folder: join(folder, 'answers'), prefix: 'test' };
    const { cell, node, heard, ends, run, start, picture, answer } = await cellWith(unsure(), place);
    picture();
    const { told } = start();
    await run(0.2);
    await expect.poll(() => heard.asked.length).toBe(1);
    expect(await run(0.5)).toBeLessThan(AT_REST);
    expect(told.feedback.at(-1)).toMatchObject({ phase: 'asking', stage: 'approach' });
    const [question] = heard.asked;
    expect(question.question).toMatch(
      /^Go on with the \w+ \w+\? linear: the policy asks for help: it is sure by 0\.27/,
    );
    expect(question).toMatchObject({ options: ['go on', 'skip'], image_format: 'jpeg', model: 'linear@1' });
    answer('go on', { ...question, frame_sha256: '0'.repeat(64) });
    expect(ends.at(-1)).toMatchObject({ end: 'refused', reason: expect.stringContaining('another picture') });
    answer('go on', question);
    expect(ends.at(-1)).toMatchObject({ end: 'answered', answer: 'go on', by: 'ada' });
    expect(await run(1)).toBeGreaterThan(0.02);
    expect(told.feedback.at(-1)).toMatchObject({ phase: 'running', confidence: expect.closeTo(0.27, 2) });
    await run(4.5);
    await expect.poll(() => heard.asked.length).toBe(2);
    answer('skip', heard.asked[1]);
    await run(1);
    expect(told.result).toMatchObject({ ok: false, reason: 'ada said no' });
    expect(cell.gate.latched).toBe(false);
    node.deactivate();
    await node.cleanup();
    const { example, set } = await onlyExample(place.folder);
    expect(example.questions.map(({ answer: said, by, end }) => [said, by, end])).toEqual([
      ['go on', 'ada', 'answered'],
      ['skip', 'ada', 'answered'],
    ]);
    const [{ frame_sha256, id }] = heard.asked;
    expect(example.questions[0]).toMatchObject({ frame_sha256, id, step: 0, confidence: expect.closeTo(0.27, 2) });
    expect(example).toMatchObject({ taken_over: null, run: { ok: false, reason: 'ada said no' } });
    // What did not succeed is there to look at, and not to be learned from.
    const [{ success, followed, length }] = set.demonstrations;
    expect([success, followed.includes(1)]).toEqual([false, false]);
    expect(example.questions[1].step).toBe(length - 1);
  });

  it('asks anew where the object was moved while it waited, and ends where nobody answers', async () => {
    const { cell, heard, ends, run, start, picture, answer } = await cellWith(unsure());
    picture();
    const { told } = start();
    await run(0.2);
    await expect.poll(() => heard.asked.length).toBe(1);
    const state = new Float64Array(13);
    for (let i = 0; i < cell.engine.object_count; i++) {
      cell.engine.objectState(i, state, 0);
      state[0] += 0.05;
      cell.engine.setObjectState(i, state);
    }
    answer('go on', heard.asked[0]);
    expect(ends.at(-1)).toMatchObject({ end: 'withdrawn', reason: 'the object has been moved since' });
    await run(0.2);
    await expect.poll(() => heard.asked.length).toBe(2);
    await run(3);
    expect(ends.at(-1)).toMatchObject({ end: 'expired' });
    expect(told.result).toMatchObject({ ok: false, reason: expect.stringContaining('nobody answered within 2 s') });
  });
});

it('what an unsure policy does after a yes is to be learned from where it succeeds, and no step before', async () => {
  const asks = linearPolicy(1, { confidence: { name: 'sure', temperature: 1, ask_below: 0.5 } }, { logit: -1 });
  const { cell, scene, order: goal, policies, offered } = await cellWith(asks);
  const [open] = policies;
  const arm = new CellArm({ robot: ROBOT, cell, scene, open, goal, time: { time_s: 0 }, eyes: null });
  for (const ok of [true, false]) {
    const example = new RunExample(open, goal, 0n);
    const step = (count: number) => {
      for (let k = 0; k < count; k++) example.step(new Float32Array(4), new Float32Array(5));
    };
    step(3);
    const { model_sha256 } = offered;
    const question: Escalation = {
      ...{ id: 'policy-1', stamp_ns: 1n, expires_ns: 9n, asked_by: 'policies', question: 'Go on?', model: 'linear@1' },
      ...{ options: ['go on', 'skip'], request_id: 'overview/1', frame_sha256: 'a'.repeat(64), model_sha256 },
      ...{ image_box: [0, 0, 0, 0], image_format: '', image: new Uint8Array(0) },
    };
    example.ask(question, 0.3);
    example.close({ id: 'policy-1', stamp_ns: 2n, end: 'answered', answer: 'go on', by: 'ada', reason: '' });
    step(2);
    example.ended({ ok, stage: ok ? 'done' : 'lift', reason: '', time_s: 1 }, (rows) => arm.operatorMotion(rows));
    expect(example.cycled()).toBe(ok);
    const kept = example.example(3n);
    expect(kept?.questions).toMatchObject([{ step: 2, answer: 'go on', by: 'ada', asked_ns: '1', ended_ns: '2' }]);
    expect(kept?.demonstration.success).toBe(ok);
    expect([...(kept?.demonstration.followed ?? [])]).toEqual(ok ? [0, 0, 0, 1, 1] : [0, 0, 0, 0, 0]);
  }
});

describe('an operator who takes over', () => {
  it('is an example: its actions, done again in the same world, bring the arm along the same way', async () => {
    const observation = [
      { name: 'tool_position', size: 3, unit: 'm' },
      { name: 'commanded_turn', size: 1, unit: 'rad' },
    ];
    const place = { folder: join(folder, 'taken-over'), prefix: 'test' };
    const { bus, clock, node, run, start, offered } = await cellWith(linearPolicy(0, { observation }), place);
    const { sent } = start();
    await run(0.3);
    sent.cancel();
    await run(0.5);
    let sequence = 0;
    const jog = async (seconds: number, linear: Vector3, turn: number) => {
      for (let k = 0; k < seconds / 0.04; k++) {
        const now_ns = clock.now_ns();
        bus.publish(TOPICS.operator_jog, {
          ...{ stamp_ns: now_ns, epoch: 7, session: 'ada-1', sequence: ++sequence, seen_ns: now_ns, kind: 'twist' },
          ...{ frame_id: '', linear, angular: [0, 0, turn], joint_names: [], joint_velocity: new Float64Array(0) },
        });
        await run(0.04);
      }
    };
    await jog(0.6, [0.1, 0.05, -0.1], 0);
    await run(1.6);
    await jog(0.5, [0, -0.15, 0], 0.5);
    await run(0.6);
    node.deactivate();
    await node.cleanup();
    const { own, example, set } = await onlyExample(place.folder);
    expect((await readImported(own, observation, 5)).kept).toEqual(set.demonstrations);
    expect(example).toMatchObject({
      ...{ policy: { name: 'linear', model_sha256: offered.model_sha256 }, questions: [] },
      run: { ok: false, reason: 'cancelled' },
      taken_over: { by: [{ epoch: 7, session: 'ada-1' }], success: false, reason: 'the cell ends' },
    });
    const [{ length, followed, observations, actions }] = set.demonstrations;
    const first = example.run.steps;
    // The pause in between is left out but for what the arm needs to come to rest.
    expect(length - first).toBeGreaterThan(28);
    expect(length - first).toBeLessThan(60);
    expect([...followed]).toEqual(Array.from({ length }, (_, step) => (step < first ? 0 : 1)));
    const again = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, expert: false }, ROBOT);
    again.reset(WORLD.seed, 0);
    const seen = again.features(checkFeatures(observation, featureCatalogue(ROBOT, ACTIONS_OF_TOOL), 'test'));
    const told = new Float32Array(4);
    let [farthest, turned] = [0, 0];
    for (let step = first; step < length; step++) {
      seen.write(again.output.vector, told, 0);
      const [x, y, z, turn] = observations.subarray(4 * step);
      farthest = Math.max(farthest, Math.hypot(told[0] - x, told[1] - y, told[2] - z));
      turned = Math.max(turned, Math.abs(told[3] - turn));
      again.step(actions.subarray(5 * step, 5 * step + 5));
    }
    const gone = Math.hypot(...[0, 1, 2].map((k) => observations[4 * (length - 1) + k] - observations[4 * first + k]));
    expect(gone).toBeGreaterThan(0.08);
    expect(farthest).toBeLessThan(0.012);
    expect(turned).toBeLessThan(0.045);
  });
});

describe('policies that are offered', () => {
  it('do a task that a person can name, are told features, and are there once', async () => {
    const { cell } = await cellWith(linearPolicy(4));
    const open = (...policies: LinearPolicy[]) => openOffered(policies.map(fileOf), ROBOT, cell.gate.envelope);
    const same = linearPolicy(3);
    await expect(open(same, same)).rejects.toThrow('a policy that is offered already: each once');
    const known = [
      { name: 'tool_position', size: 3, unit: 'm' },
      { name: 'gripper_width', size: 1, unit: 'm' },
    ];
    await expect(open(linearPolicy(3, { task: 'sort', observation: known }))).rejects.toThrow('must be pick-place');
    const robot_only = await open(linearPolicy(2, { observation: known }));
    expect(robot_only[0].offered.told).toBe('robot');
  });
});
