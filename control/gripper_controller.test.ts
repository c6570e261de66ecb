import { describe, expect, it } from 'vitest';
import { createCommandRequest } from '../safety/index.ts';
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
