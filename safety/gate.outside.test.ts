import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { GateRig, tableEnvelope } from '../test/support/gate_rig.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { sweep } from '../test/support/sweep.ts';
import type { Envelope } from './envelope.ts';
import { reasonNames } from './reasons.ts';
import type { SafeCommand } from './safe_command.ts';

const ROBOT = plainArm();
const N = ROBOT.arm_joints;
const HZ = 500;
const OPEN: Envelope = { ...tableEnvelope(ROBOT), workspace: null };

/** OPEN with every joint's range cut down around `q`, of which some joints are left outside. */
function tightened(rng: Rng, q: ArrayLike<number>, share_outside: number): Envelope {
  return {
    ...OPEN,
    joints: OPEN.joints.map((joint, i) => {
      const out = rng.uniform() < share_outside ? 1 : -1;
      const gap = out * rng.range(0.01, 0.2);
      const upper = rng.uniform() < 0.5;
      const edge = upper ? q[i] - gap : q[i] + gap;
      return {
        ...joint,
        position_lower_rad: Math.max(joint.position_lower_rad, upper ? edge - 0.5 : edge),
        position_upper_rad: Math.min(joint.position_upper_rad, upper ? edge : edge + 0.5),
        velocity_rad_per_s: joint.velocity_rad_per_s * rng.range(0.1, 1),
        acceleration_rad_per_s2: joint.acceleration_rad_per_s2 * rng.range(0.2, 1),
        jerk_rad_per_s3: joint.jerk_rad_per_s3 * rng.range(0.2, 1),
      };
    }),
  };
}

/** How far each joint is beyond its position limits, rad; 0 inside. */
function beyond(envelope: Envelope, q: ArrayLike<number>): number[] {
  return envelope.joints.map((joint, i) =>
    Math.max(0, joint.position_lower_rad - q[i], q[i] - joint.position_upper_rad),
  );
}

/** Judges by differences that the robot's own acceleration, jerk and velocity are kept. */
class HardJudge {
  private readonly p: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;

  constructor(command: SafeCommand) {
    this.p = command.position.slice();
    this.v = command.velocity.slice();
    this.a = command.acceleration.slice();
  }

  look(command: SafeCommand, label: string): void {
    const { acceleration, jerk, velocity } = ROBOT.limits;
    for (let i = 0; i < N; i++) {
      const v = (command.position[i] - this.p[i]) * HZ;
      const a = (v - this.v[i]) * HZ;
      const j = (a - this.a[i]) * HZ;
      const keeps =
        Math.abs(v) <= velocity[i] &&
        Math.abs(a) <= acceleration[i] * (1 + 1e-9) + 1e-8 &&
        Math.abs(j) <= jerk[i] * (1 + 1e-9) + 5e-6;
      if (!keeps) throw new Error(`${label}: joint ${i} v ${v} a ${a} j ${j}`);
      this.p[i] += v / HZ;
      this.v[i] = v;
      this.a[i] = a;
    }
  }
}

/** A rig in motion with random velocities. */
function moving(rng: Rng): GateRig {
  const rig = new GateRig(ROBOT, OPEN, HZ);
  const wanted = LIMITS.map((limit) => rng.range(-limit, limit));
  for (let k = 0; k < 40 + rng.int(80); k++) rig.step('velocity', wanted);
  return rig;
}
const LIMITS = OPEN.joints.map((joint) => 0.8 * joint.velocity_rad_per_s);

describe('gate outside its envelope', () => {
  it('stops by category 1 within the robot’s own limits when the envelope is tightened in motion', () => {
    let faults = 0;
    for (let round = 0; round < sweep(30, 120); round++) {
      const rng = createRng(round, 'tightened');
      const rig = moving(rng);
      const judge = new HardJudge(rig.gate.lastCommand);
      const before = rig.gate.lastCommand.position.slice();
      const promised_before = rig.gate.lastCommand.stop_time_s;
      rig.gate.setEnvelope(tightened(rng, before, 0.4));
      judge.look(rig.step('velocity', LIMITS), `round ${round}`);
      if (rig.gate.mode !== 'fault') continue;
      faults++;
      expect(reasonNames(rig.gate.latchedReasons)).toContain('envelope_tightened');
      expect(rig.gate.stopCategory).toBe(1);
      let cycles = 1;
      const promised = rig.gate.lastCommand.stop_time_s;
      expect(promised).toBeLessThanOrEqual(Math.max(promised_before, 0.4));
      while (!rig.gate.atRest && cycles < 500) {
        judge.look(rig.step('velocity', LIMITS), `round ${round} cycle ${cycles++}`);
        expect(rig.gate.lastCommand.drives_on).toBe(!rig.gate.atRest);
      }
      expect(cycles - 1, `round ${round}`).toBe(Math.round(promised * HZ));
    }
    expect(faults).toBeGreaterThan(sweep(20, 80));
  });

  it('lets joints only move back, monotonically, once it was reset, and then keeps them inside', () => {
    let returned = 0;
    for (let round = 0; round < sweep(8, 30); round++) {
      const rng = createRng(round, 'way back');
      const start = ROBOT.home_q.slice();
      const envelope = tightened(rng, start, 0.5);
      const rig = new GateRig(ROBOT, envelope, HZ, start);
      const outside = beyond(envelope, start).some((gap) => gap > 0);
      expect(rig.gate.mode).toBe(outside ? 'fault' : 'automatic');
      if (!outside) continue;
      expect(reasonNames(rig.gate.latchedReasons)).toEqual(['start_outside_envelope']);
      expect(rig.gate.acknowledge()).toBe('');
      const judge = new HardJudge(rig.gate.lastCommand);
      let last = beyond(envelope, rig.gate.lastCommand.position);
      for (let k = 0; k < 1500; k++) {
        // Half of the time outwards, then towards the middle.
        const wanted = envelope.joints.map((joint, i) => {
          const middle = (joint.position_lower_rad + joint.position_upper_rad) / 2;
          const inwards = Math.sign(middle - rig.gate.lastCommand.position[i]);
          return (k < 300 ? -1 : 1) * inwards * 0.3;
        });
        judge.look(rig.step('velocity', wanted), `round ${round} cycle ${k}`);
        const now = beyond(envelope, rig.gate.lastCommand.position);
        const grown = now.findIndex((gap, i) => gap > last[i] + 1e-12);
        if (grown >= 0) throw new Error(`round ${round} cycle ${k}: joint ${grown} ${last[grown]} -> ${now[grown]}`);
        last = now;
      }
      expect(
        last.every((gap) => gap === 0),
        `round ${round}: ${last}`,
      ).toBe(true);
      expect(rig.gate.outside).toBe(false);
      returned++;
    }
    expect(returned).toBeGreaterThan(sweep(5, 20));
  });

  it('lets a tool that is outside the workspace only come back', () => {
    const rng = createRng(5);
    for (let round = 0; round < sweep(5, 10); round++) {
      const workspace = { lower_m: [0.33, -0.3, 0.1], upper_m: [0.7, 0.3, 0.45] } as const;
      const rig = new GateRig(ROBOT, { ...OPEN, workspace }, HZ);
      expect(rig.gate.mode).toBe('fault');
      expect(rig.gate.acknowledge()).toBe('');
      let moved = 0;
      for (let k = 0; k < 800; k++) {
        const { position } = rig.step('velocity', [
          0.3 * rng.normal(),
          0.3 + 0.2 * rng.normal(),
          0,
          0.1 * rng.normal(),
          0,
          0,
          0,
        ]);
        moved = Math.max(moved, Math.abs(position[1] - ROBOT.home_q[1]));
      }
      expect(moved).toBeGreaterThan(0.05);
      expect(rig.gate.outside).toBe(false);
    }
  });

  it('faults when the arm is pushed away from what it was sent, and goes on from where it was left', () => {
    const rng = createRng(6);
    for (let round = 0; round < sweep(15, 30); round++) {
      const rig = moving(rng);
      const effort = new Float64Array(N);
      const { position, velocity } = rig.gate.lastCommand;
      const pushed = position.map((q, i) => q + (i === round % N ? 0.15 : 0));
      const judge = new HardJudge(rig.gate.lastCommand);
      const step = (measured: Float64Array, v: Float64Array) => {
        rig.cycle++;
        rig.gate.observe({ position: measured, velocity: v, effort });
        rig.request.kind = 'velocity';
        rig.request.stamp_s = rig.t_s;
        const nonce = rig.supervisor.step(rig.t_s, rig.gate);
        if (nonce !== 0) rig.gate.grant(nonce);
        return rig.gate.step(rig.t_s, rig.request);
      };
      judge.look(step(pushed, velocity.slice()), `round ${round}`);
      expect(rig.gate.mode).toBe('fault');
      expect(reasonNames(rig.gate.reasons)).toContain('tracking_error');
      expect(rig.gate.acknowledge()).toContain('in motion');
      while (!rig.gate.atRest) judge.look(step(pushed, new Float64Array(N)), `round ${round}`);
      step(pushed, new Float64Array(N));
      expect(rig.gate.lastCommand.drives_on).toBe(false);
      expect(rig.gate.acknowledge()).toBe('');
      rig.request.values.fill(0);
      step(pushed, new Float64Array(N));
      for (let i = 0; i < N; i++) expect(rig.gate.lastCommand.position[i]).toBeCloseTo(pushed[i], 12);
      expect(rig.gate.mode).not.toBe('fault');
    }
  });

  it('slows down, without a fault, when reduced mode is selected at full speed', () => {
    const rng = createRng(7);
    const rig = moving(rng);
    expect(rig.gate.selectMode('automatic')).toContain('at rest');
    expect(rig.gate.selectMode('reduced')).toBe('');
    rig.gate.setEnabled(true);
    for (let k = 0; k < 400; k++) rig.step('velocity', LIMITS);
    expect(rig.gate.mode).toBe('reduced');
    expect(Math.max(...rig.gate.lastCommand.velocity.map(Math.abs))).toBeLessThan(0.6);
    expect(rig.gate.interventions.list().at(-1)?.reasons).toContain('tool_speed');
  });
});
