import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { usableLimits } from '../../safety/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { DirectInference, plainManifest } from '../../test/support/policies.ts';
import { ServoRig } from '../../test/support/servo_rig.ts';
import { GripperController } from '../gripper_controller.ts';
import { Servo } from '../servo/servo.ts';
import { ModelledLatency } from './modelled_latency.ts';
import { PolicyRunner, type PolicyRunnerOptions } from './policy_runner.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const HZ = 500;
const LIMITS = usableLimits(PANDA.limits);
const RATE_HZ = 20;
const CHUNK = 10;

/** Where the policy wants joint i at a step (rad). */
const path = (step: number, i: number) =>
  PANDA.home_q[i] + 0.2 * Math.sin((2 * Math.PI * step) / 40 + i) - 0.2 * Math.sin(i);
const chunkAt = (step: number) =>
  Array.from({ length: CHUNK }, (_, k) => [...Array.from({ length: N }, (__, i) => path(step + k, i)), 0.05]).flat();

function createRig(inference: DirectInference | ModelledLatency, options: Partial<PolicyRunnerOptions> = {}) {
  const servo = new Servo(PANDA, HZ);
  const gripper = PANDA.gripper === null ? null : new GripperController(PANDA.gripper, HZ, 0.08);
  const runner = new PolicyRunner({
    robot: PANDA,
    hz: HZ,
    manifest: plainManifest(),
    inference,
    servo,
    gripper,
    options,
  });
  return { runner, gripper, servo, rig: new ServoRig(PANDA, runner, HZ, LIMITS) };
}

/** Cycles with what a modelled answer needs in between. */
async function runAwaited(rig: ServoRig<PolicyRunner>, latency: ModelledLatency, cycles: number): Promise<void> {
  for (let k = 0; k < cycles; k++) {
    const wait = latency.settle();
    if (wait !== null) await wait;
    rig.run(1);
  }
}

describe('policy runner', () => {
  it('follows the actions at the policy rate, smoothly and within the limits, and moves the gripper', () => {
    const inference = new DirectInference((step) => chunkAt(step));
    const { runner, rig, gripper } = createRig(inference);
    runner.start();
    let worst = 0;
    rig.run(2000, (cycle) => {
      if (cycle < 200) return;
      const step = ((cycle - 1) * RATE_HZ) / HZ;
      for (let i = 0; i < N; i++) worst = Math.max(worst, Math.abs(rig.q[i] - path(step, i)));
    });
    expect(runner.phase).toBe('running');
    expect(worst).toBeLessThan(0.02);
    expect(inference.asked).toBe(80);
    expect(runner.covered).toBe(CHUNK);
    expect(rig.worst_velocity).toBeLessThanOrEqual(1);
    expect(rig.worst_acceleration).toBeLessThanOrEqual(1 + 1e-7);
    expect(rig.worst_jerk).toBeLessThanOrEqual(1 + 1e-4);
    expect(gripper?.active).toBe(true);
  });

  it('answers that come late, as modelled, still steer; the same seed moves the same way to the last bit', async () => {
    const moved = async (seed: number) => {
      const latency = new ModelledLatency(new DirectInference((step) => chunkAt(step)), createRng(seed), 10, 90);
      const { runner, rig } = createRig(latency);
      runner.start();
      await runAwaited(rig, latency, 1500);
      expect(runner.phase).toBe('running');
      expect(runner.skipped).toBeGreaterThan(5);
      const step = (1499 * RATE_HZ) / HZ;
      for (let i = 0; i < N; i++) expect(Math.abs(rig.q[i] - path(step, i))).toBeLessThan(0.02);
      return [...rig.q];
    };
    expect(await moved(5)).toEqual(await moved(5));
    expect(await moved(6)).not.toEqual(await moved(5));
  });

  it('a cycle that comes before the modelled answer was awaited is an error, not another result', () => {
    const latency = new ModelledLatency(new DirectInference((step) => chunkAt(step)), createRng(1), 3, 3);
    const { runner, rig } = createRig(latency);
    runner.start();
    expect(() => rig.run(10)).toThrow('await it between cycles');
  });

  it('holds when answers contradict one another about the same moment, and not for one that does', () => {
    const rng = createRng(4, 'contradictions');
    let from = Number.POSITIVE_INFINITY;
    let until = Number.POSITIVE_INFINITY;
    const policy = (step: number) => {
      const chunk = chunkAt(step);
      return step < from || step >= until ? chunk : chunk.map((x, k) => (k % (N + 1) === N ? x : x + rng.range(-1, 1)));
    };
    const { runner, rig } = createRig(new DirectInference(policy));
    runner.start();
    rig.run(500);
    from = runner.steps;
    rig.run(12 * (HZ / RATE_HZ));
    expect(runner.phase).toBe('held');
    expect(runner.describeHold()).toBe('the policy contradicts itself by over 0.5 rad about the same moment');
    expect(runner.steps - from, 'steps until it is found').toBeLessThanOrEqual(6);
    from = until = Number.POSITIVE_INFINITY;
    runner.start();
    rig.run(300);
    expect(runner.phase).toBe('running');
  });

  it('holds when the policy says nothing for the present, with the reason, and begins again when told to', () => {
    const inference = new DirectInference((step) => chunkAt(step));
    const { runner, rig, servo } = createRig(inference);
    runner.start();
    rig.run(500);
    inference.silent = true;
    rig.run(150);
    expect(runner.phase, 'the chunks reach on for a while').toBe('running');
    rig.run(400);
    expect(runner.phase).toBe('held');
    expect(runner.describeHold()).toBe('the policy said nothing for the present for 0.2 s');
    expect(servo.status.state).toBe('halted');
    expect(rig.moving).toBe(false);
    expect(rig.worst_acceleration).toBeLessThanOrEqual(1 + 1e-7);
    inference.silent = false;
    rig.run(100);
    expect(rig.moving, 'not by itself').toBe(false);
    runner.start();
    rig.run(100);
    expect(runner.phase).toBe('running');
    expect(rig.moving).toBe(true);
  });

  it('holds when no first answer comes, when the policy fails, when the gate stops and on request', () => {
    const silent = new DirectInference((step) => chunkAt(step));
    silent.silent = true;
    const first = createRig(silent, { first_answer_s: 0.5 });
    first.runner.start();
    first.rig.run(252);
    expect(first.runner.describeHold()).toBe('the policy said nothing for the present for 0.5 s');

    const failing = new DirectInference((step) => chunkAt(step));
    const second = createRig(failing);
    second.runner.start();
    second.rig.run(100);
    failing.failure = 'the network gave NaN';
    second.rig.run(200);
    expect(second.runner.describeHold()).toBe('the policy failed: the network gave NaN');
    expect(second.rig.moving).toBe(false);

    const third = createRig(new DirectInference((step) => chunkAt(step)));
    third.runner.start();
    third.rig.run(100);
    third.rig.gate.mode = 'protective_stop';
    third.rig.run(5);
    third.rig.gate.mode = 'automatic';
    third.rig.run(50);
    expect(third.runner.hold_reason).toBe('gate');
    third.runner.start();
    third.rig.run(50);
    expect(third.runner.phase).toBe('running');
    third.runner.stop();
    third.rig.run(200);
    expect(third.runner.describeHold()).toBe('stopped');
    expect(third.rig.moving).toBe(false);
  });

  it('scales what goes in and out, and moves the tool where twists are the actions', () => {
    let seen: number[] = [];
    const twists = new DirectInference((_, observation) => {
      seen = [...observation];
      return new Array(2 * 6).fill(0).map((_zero, k) => (k % 6 === 1 ? 1 : 0));
    });
    const manifest = plainManifest({
      observation: ['tool_pose'],
      action: ['tool_twist'],
      chunk: 2,
      observation_mean: [0, 0, 0, 0, 0, 0, 0],
      observation_scale: [0.5, 1, 1, 1, 1, 1, 1],
      action_mean: [0, 0.05, 0, 0, 0, 0],
      action_scale: [1, 0.1, 1, 1, 1, 1],
    });
    const servo = new Servo(PANDA, HZ);
    const runner = new PolicyRunner({ robot: PANDA, hz: HZ, manifest, inference: twists, servo, gripper: null });
    const rig = new ServoRig(PANDA, runner, HZ, LIMITS);
    runner.start();
    rig.run(500);
    const early = seen[1];
    rig.run(500);
    expect(seen[1] - early).toBeCloseTo(0.15, 2);
    expect(seen[0]).toBeCloseTo(2 * 0.307, 1);
  });

  it('refuses rates, robots and manifests that do not fit', () => {
    const create = (changes: Parameters<typeof plainManifest>[0]) => () =>
      new PolicyRunner({
        ...{ robot: PANDA, hz: HZ, manifest: plainManifest(changes), gripper: null },
        ...{ inference: new DirectInference(() => []), servo: new Servo(PANDA, HZ) },
      });
    expect(create({ rate_hz: 30 })).toThrow('policy at 30 Hz');
    expect(create({ robot: 'ur5' })).toThrow('the robot is panda');
    expect(create({ action: ['gripper_width'] })).toThrow(InputError);
    expect(create({ observation_mean: [0] })).toThrow('observation_mean of 1 numbers: must have 8');
    expect(create({ action_scale: [1, 1, 1, 0, 1, 1, 1, 1] })).toThrow('action_scale[3] = 0');
    expect(create({ chunk: 0 })).toThrow('chunk');
  });

  it('a cycle allocates nothing', () => {
    const chunk = Float32Array.from(chunkAt(0));
    const { runner, rig } = createRig(new DirectInference(() => chunk));
    runner.start();
    rig.run(100);
    const growth = heapGrowthPerCall(
      () => {
        rig.request.kind = 'none';
        runner.update(0, rig.state, rig.gate, rig.request);
        rig.gate.lastCommand.position.set(rig.request.values);
        rig.state.position.set(rig.request.values);
      },
      2000,
      BOXED_NUMBER,
    );
    expect(runner.phase).toBe('running');
    expect(growth).toBeLessThan(BOXED_NUMBER + 1);
  });
});
