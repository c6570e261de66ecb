import { describe, expect, it } from 'vitest';
import type { BodyTrack } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { BOUNDS } from '../../test/support/approach_run.ts';
import { GateRig, tableEnvelope } from '../../test/support/gate_rig.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../test/support/heap.ts';
import { reasonNames } from '../reasons.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const LIMITS = { ...BOUNDS, contact_speed_m_per_s: 0 };
const TURN = [0.5, 0, 0, 0, 0, 0, 0];

function person(x: number, y: number, id = 1): BodyTrack {
  return {
    ...{ id, kind: 'person', radius_m: 0.2, length_m: 1, velocity_m_per_s: [0, 0, 0], position_error_m: 0 },
    pose: { position: [x, y, 0.8], orientation: [0, 0, 0, 1] },
  };
}

function rigOf(separation: typeof LIMITS | null = LIMITS): GateRig {
  const envelope = tableEnvelope(PANDA);
  return new GateRig(PANDA, separation === null ? envelope : { ...envelope, separation });
}

/** Cycles with tracks at 50 Hz, each 20 ms old when it comes. */
function run(rig: GateRig, cycles: number, values: readonly number[], bodies: readonly BodyTrack[] | null): void {
  for (let k = 0; k < cycles; k++) {
    if (bodies !== null && rig.cycle % 10 === 0) rig.gate.setBodies(bodies, rig.t_s - 0.02);
    rig.step('velocity', values);
  }
}

const reasons = (rig: GateRig) => reasonNames(rig.gate.reasons | rig.gate.latchedReasons);

describe('the gate and tracked bodies', () => {
  it('moves only while it is told of bodies, and goes on by itself when it is told again', () => {
    const rig = rigOf();
    run(rig, 20, TURN, null);
    expect(rig.gate.atRest).toBe(true);
    run(rig, 100, TURN, []);
    expect(rig.gate.lastCommand.velocity[0]).toBeCloseTo(0.5, 6);
    run(rig, 90, TURN, null);
    expect(rig.gate.mode).toBe('protective_stop');
    expect(reasons(rig)).toContain('bodies_stale');
    run(rig, 300, TURN, []);
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.atRest).toBe(false);
  });

  it('leaves an arm alone whose people are far, and one at rest beside a person at rest', () => {
    const far = rigOf();
    run(far, 300, TURN, [person(-2.5, 0)]);
    expect(far.gate.interventions.list().some(({ reasons: why }) => why.includes('separation'))).toBe(false);
    expect(far.gate.pace).toBe(1);
    expect(far.gate.lastCommand.velocity[0]).toBeCloseTo(0.5, 6);
    const near = rigOf();
    run(near, 300, TURN, [person(0.62, 0.15)]);
    expect(near.gate.atRest).toBe(true);
    expect(near.gate.mode).toBe('automatic');
    expect(reasons(near)).toContain('separation');
    expect(near.gate.pace).toBe(0);
    run(near, 400, TURN, [person(0.62, 0.15)].slice(1));
    expect(near.gate.atRest).toBe(false);
  });

  it('says how far bodies are, and how far they must be, which grows with speed', () => {
    const rig = rigOf();
    run(rig, 100, [0, 0, 0, 0, 0, 0, 0], [person(-2.5, 0)]);
    const at_rest = rig.gate.protective_distance_m ?? 0;
    expect(at_rest).toBeCloseTo(1.6 * (0.15 + 0.004) + 0.05, 6);
    expect(rig.gate.separation_m).toBeGreaterThan(1.8);
    expect(rig.gate.separation_m).toBeLessThan(2.3);
    run(rig, 200, TURN, [person(-2.5, 0)]);
    expect(rig.gate.protective_distance_m).toBeGreaterThan(at_rest + 0.05);
  });

  it('lowers the pace as bodies come nearer, and less for an arm that is slower', () => {
    const paces = [2.4, 1.9, 1.6, 1.4, 1.2, 1, 0.8].map((x) => {
      const rig = rigOf();
      run(rig, 30, [0, 0, 0, 0, 0, 0, 0], [person(x, 0)]);
      const slow = rig.gate.paceOf(Float64Array.from(TURN));
      expect(slow).toBeGreaterThanOrEqual(rig.gate.pace);
      return rig.gate.pace;
    });
    expect(paces).toEqual([...paces].sort((a, b) => b - a));
    expect(paces[0]).toBe(1);
    expect(paces.at(-1)).toBe(0);
    expect(new Set(paces).size).toBeGreaterThan(3);
  });

  it('stops until a reset for a body that jumps, or that appears where the arm cannot stop in time', () => {
    const jumping = rigOf();
    run(jumping, 100, TURN, [person(-2.5, 0)]);
    run(jumping, 20, TURN, [person(-2, 0)]);
    expect(reasons(jumping)).toContain('body_out_of_bounds');
    expect(jumping.gate.mode).toBe('protective_stop');
    jumping.runToRest();
    run(jumping, 30, TURN, [person(-2, 0)]);
    expect(jumping.gate.acknowledge()).toBe('');
    run(jumping, 100, TURN, [person(-2, 0)]);
    expect(jumping.gate.mode).toBe('automatic');
    const appearing = rigOf();
    run(appearing, 100, TURN, []);
    run(appearing, 20, TURN, [person(0.62, 0.15)]);
    expect(reasons(appearing)).toContain('body_out_of_bounds');
  });

  it('knows a body by another name where it may have gone, and keeps one that is missed for a moment', () => {
    const rig = rigOf();
    run(rig, 100, TURN, [person(-1.4, 0, 1)]);
    run(rig, 100, TURN, [person(-1.38, 0, 2)]);
    expect(rig.gate.mode).toBe('automatic');
    run(rig, 11, TURN, []);
    expect(rig.gate.separation_m).not.toBeNull();
    run(rig, 200, TURN, []);
    expect(rig.gate.separation_m).toBeNull();
  });

  it('treats them as obstacles that move on where the envelope says nothing of separation', () => {
    const rig = rigOf(null);
    run(rig, 100, TURN, null);
    expect(rig.gate.lastCommand.velocity[0]).toBeCloseTo(0.5, 6);
    run(rig, 1200, TURN, [person(0.2, 0.42)]);
    expect(Math.abs(rig.gate.lastCommand.velocity[0])).toBeLessThan(0.01);
    expect(reasons(rig)).toContain('obstacle');
    expect(rig.gate.mode).toBe('automatic');
  });

  it('refuses tracks it cannot use', () => {
    for (const spoil of [
      { radius_m: Number.NaN },
      { length_m: Number.POSITIVE_INFINITY },
      { pose: { position: [0, 0, 0], orientation: [0, 0, 0, 0] } },
      { pose: { position: [2, 0, 0.5], orientation: [0, 0, 0, 0.9] } },
      { pose: { position: [2, 0, 0.5], orientation: [0, 0, 0.8, 0.8] } },
    ] as const) {
      const rig = rigOf();
      run(rig, 60, TURN, []);
      run(rig, 15, TURN, [{ ...person(2, 0), ...spoil }]);
      expect(reasons(rig)).toContain('body_out_of_bounds');
    }
    const late = rigOf();
    run(late, 60, TURN, []);
    late.gate.setBodies([], late.t_s + 1);
    late.step('velocity', TURN);
    expect(reasons(late)).toContain('body_out_of_bounds');
  });

  it('allocates nothing in a cycle, tracks included', () => {
    const rig = rigOf();
    const crowd = [person(1.6, 0, 1), person(-1.3, 0.5, 2), person(0.2, 1.5, 3)];
    const values = new Float64Array(7);
    const work = (calls: number) => {
      for (let k = 0; k < calls; k++) {
        if (rig.cycle % 10 === 0) rig.gate.setBodies(crowd, rig.t_s - 0.02);
        values[0] = rig.cycle % 800 < 400 ? 0.6 : -0.6;
        rig.step('velocity', values);
      }
    };
    work(20_000);
    // Times, and the pace, are numbers handed over on the heap.
    const rest = new GateRig(PANDA);
    const plain = (calls: number) => {
      for (let k = 0; k < calls; k++) {
        values[0] = rest.cycle % 800 < 400 ? 0.6 : -0.6;
        rest.step('velocity', values);
      }
    };
    plain(20_000);
    const beside = bytesPerCall(5000, plain);
    expect(bytesPerCall(5000, work, 12, beside + 2 * BOXED_NUMBER)).toBeLessThanOrEqual(beside + 2 * BOXED_NUMBER);
    expect(rig.gate.mode).toBe('automatic');
  });
});
