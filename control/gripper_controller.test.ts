import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { createCommandRequest } from '../safety/index.ts';
import { FingerTactile, PERFECT_TACTILE } from '../sim/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { graspedObject, PANDA } from '../test/support/sim_rig.ts';
import { GripperController } from './gripper_controller.ts';

const GRIPPER = { coordinate: 0, max_width_m: 0.08, max_force_N: 70, max_speed_m_s: 0.1 };
const HZ = 500;

/** Fingers moving at 0.1 m/s of width towards what is asked for, down to an obstacle. */
function run(
  controller: GripperController,
  obstacle_m: number,
  cycles: number,
  options: { permitted?: boolean; creep?: number } = {},
): number {
  const request = createCommandRequest(7);
  const q = Float64Array.of(controller.width_m / 2);
  const v = new Float64Array(1);
  for (let k = 0; k < cycles; k++) {
    controller.update(q, v, options.permitted ?? true, request);
    if (controller.finished) return k;
    const goal = Math.max(request.gripper_width_m, obstacle_m) / 2;
    const step = Math.max(-1e-4, Math.min(1e-4, goal - q[0]));
    q[0] += step;
    v[0] = step * HZ + (options.creep ?? 0);
  }
  return -1;
}

describe('gripper controller', () => {
  it('reports the width as reached when the fingers rest on it', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08);
    controller.start(0.02, 20);
    expect(run(controller, 0, 2000)).toBeGreaterThan(0.3 * HZ);
    expect(controller.outcome).toBe('reached');
    expect(controller.width_m).toBeCloseTo(0.02, 6);
    expect(controller.active).toBe(false);
  });

  it('reports a stall on an object, and goes on pressing', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08);
    controller.start(0, 30);
    expect(run(controller, 0.04, 2000)).toBeGreaterThan(0);
    expect(controller.outcome).toBe('stalled');
    expect(controller.width_m).toBeCloseTo(0.04, 6);
    const request = createCommandRequest(7);
    controller.finished = false;
    controller.update(Float64Array.of(0.02), new Float64Array(1), true, request);
    expect(request.gripper_width_m).toBe(0);
    expect(request.gripper_force_N).toBe(30);
  });

  it('gives no verdict while the fingers have not had time to start', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08);
    controller.start(0.08, 30);
    expect(run(controller, 0, 200)).toBeGreaterThanOrEqual(24);
    expect(controller.outcome).toBe('reached');
  });

  it('gives up after the timeout when the fingers never rest', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08, { timeout_s: 0.5 });
    controller.start(0, 30);
    expect(run(controller, 0.04, 2000, { creep: 0.01 })).toBe(249);
    expect(controller.outcome).toBe('timeout');
  });

  it('tells that the gate stood in the way', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08);
    controller.start(0, 30);
    run(controller, 0.08, 200, { permitted: false });
    expect(controller.outcome).toBe('stopped_by_safety');
  });

  it('clamps the goal to the gripper, and holds where it is when canceled', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.05);
    const request = createCommandRequest(7);
    controller.start(3, 900);
    controller.update(Float64Array.of(0.03), Float64Array.of(0.05), true, request);
    expect([request.gripper_width_m, request.gripper_force_N]).toEqual([0.08, 70]);
    controller.cancel();
    expect(controller.outcome).toBe('canceled');
    expect(controller.finished).toBe(true);
    controller.update(Float64Array.of(0.03), Float64Array.of(0.05), true, request);
    expect(request.gripper_width_m).toBeCloseTo(0.06, 12);
  });
});

describe('grip force', () => {
  it('touches softly, then rises to what was asked for at its rate', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08, { touch_force_N: 5, force_rate_N_s: 100 });
    const request = createCommandRequest(7);
    controller.start(0, 35);
    const q = Float64Array.of(0.04);
    const v = new Float64Array(1);
    let before = 0;
    let rising = 0;
    for (let k = 0; k < 1000; k++) {
      const step = Math.max(-1e-4, 0.02 - q[0]);
      q[0] += step;
      v[0] = step * HZ;
      controller.update(q, v, true, request);
      if (step < -5e-5) expect(request.gripper_force_N, 'while closing').toBe(5);
      const rise = request.gripper_force_N - before;
      if (k > 0) expect(rise).toBeLessThan(100 / HZ + 1e-9);
      if (k > 0 && rise > 0) rising++;
      before = request.gripper_force_N;
    }
    expect(request.gripper_force_N).toBe(35);
    expect(rising / HZ).toBeCloseTo(0.3, 1);
    expect(controller.outcome).toBe('stalled');
    expect(controller.holding).toBe(true);
  });

  it('rises with the shear that its fingertips feel, to the most the gripper has, and stays until the next goal', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.04);
    const request = createCommandRequest(7);
    const q = Float64Array.of(0.02);
    const v = new Float64Array(1);
    const run = (shear_N: number) => {
      for (let k = 0; k < 300; k++) {
        const normal = request.gripper_force_N;
        controller.update(q, v, true, request, Float64Array.of(normal, shear_N, 0, normal, 0, shear_N));
      }
      return request.gripper_force_N;
    };
    controller.start(0, 10);
    expect(run(3)).toBe(10);
    expect(run(8)).toBeCloseTo(20, 9);
    expect(run(1)).toBeCloseTo(20, 9);
    expect(run(80)).toBe(70);
    controller.start(0.08, 10);
    controller.update(q, v, true, request, Float64Array.of(10, 80, 0, 10, 80, 0));
    expect(request.gripper_force_N).toBe(10);
  });

  it('tells that what it held has gone', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.04);
    const request = createCommandRequest(7);
    const q = Float64Array.of(0.02);
    const v = new Float64Array(1);
    controller.start(0, 10);
    for (let k = 0; k < 100; k++) controller.update(q, v, true, request);
    expect([controller.holding, controller.lost]).toEqual([true, false]);
    q[0] = 0.017;
    controller.update(q, v, true, request);
    expect([controller.holding, controller.lost]).toEqual([false, true]);
    controller.start(0.08, 10);
    expect([controller.holding, controller.lost]).toEqual([false, false]);
  });

  it('allocates nothing while it touches softly, and while it holds against slip', () => {
    const controller = new GripperController(GRIPPER, HZ, 0.08, { touch_force_N: 5, force_rate_N_s: 1e-3 });
    const request = createCommandRequest(7);
    const q = Float64Array.of(0.02);
    const v = new Float64Array(1);
    const tactile = new Float64Array(6);
    let slips = false;
    const run = (count: number) => {
      for (let k = 0; k < count; k++) {
        // Closing, touching and resting by turns; what is felt differs every cycle.
        if (!slips && k % 100 === 0) controller.start(0, 40);
        v[0] = !slips && k % 100 < 50 ? -0.05 : 0;
        tactile[0] = 8 + (k % 7);
        tactile[1] = slips ? 6 + (k % 5) : 0;
        tactile[5] = -tactile[1];
        controller.update(q, v, true, request, tactile);
      }
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER), 'touching').toBeLessThanOrEqual(BOXED_NUMBER);
    slips = true;
    run(5000);
    const before_N = controller.force_N;
    expect(controller.holding).toBe(true);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER), 'holding').toBeLessThanOrEqual(BOXED_NUMBER);
    expect(controller.force_N, 'it was raised at every cycle').toBeGreaterThan(before_N);
  });

  it.each([true, false])('keeps a box that is pulled at in simulation if it feels (%s)', (feels) => {
    const size = [0.04, 0.04, 0.08] as const;
    const rig = graspedObject({ type: 'box', size }, 8, { mass_kg: 0.3 });
    const fingers = PANDA.model.body_joint_names.flatMap((name, body) => (name.includes('finger') ? [body] : []));
    if (feels) rig.arm.feel(new FingerTactile(PERFECT_TACTILE, PANDA.model, fingers, rig.engine, createRng(1)));
    if (PANDA.gripper === null) throw new Error('the Panda has a gripper');
    const controller = new GripperController(PANDA.gripper, HZ, 0.04);
    const request = createCommandRequest(7);
    controller.start(0, 8);
    const before = rig.relative(0);
    for (let k = 0; k < 600; k++) {
      const { position, velocity, tactile } = rig.arm.read();
      controller.update(position, velocity, true, request, tactile ?? null);
      rig.grip(request.gripper_width_m, request.gripper_force_N);
      const pull = Math.min(15, Math.max(0, 0.1 * (k - 150)));
      rig.run(1, () => rig.engine.pushObject(0, [0, 0, -pull, 0, 0, 0]));
    }
    const after = rig.relative(0);
    const slipped = Math.hypot(...after.map((x, i) => x - before[i]));
    if (feels) expect(slipped, 'm').toBeLessThan(0.01);
    else expect(slipped, 'm').toBeGreaterThan(0.02);
  });
});
