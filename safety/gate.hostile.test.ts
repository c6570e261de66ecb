import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { GateRig, Judge, tableEnvelope } from '../test/support/gate_rig.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import type { CommandRequest } from './command_request.ts';
import type { Envelope } from './envelope.ts';

const ROBOT = plainArm();
const HZ = 500;
const N = ROBOT.arm_joints;
const HOME = ROBOT.home_q;

/** A way to misuse the gate: fills the request for one cycle. */
type Attack = (rng: Rng, rig: GateRig, k: number) => void;

const ENVELOPE = tableEnvelope(ROBOT);
const LIMITS = ENVELOPE.joints;

function fill(rig: GateRig, kind: CommandRequest['kind'], value: (i: number) => number): void {
  rig.request.kind = kind;
  for (let i = 0; i < N; i++) rig.request.values[i] = value(i);
}

const ATTACKS: Record<string, Attack> = {
  jumps: (rng, rig, k) => {
    if (k % 60 === 0)
      fill(rig, 'position', (i) => rng.range(LIMITS[i].position_lower_rad - 1, LIMITS[i].position_upper_rad + 1));
  },
  bang_bang: (rng, rig) => fill(rig, 'velocity', (i) => (rng.uniform() < 0.5 ? -1 : 1) * LIMITS[i].velocity_rad_per_s),
  square_wave: (rng, rig, k) => {
    if (k % 37 === 0) fill(rig, 'velocity', () => rng.range(-4, 4));
  },
  huge: (rng, rig) =>
    fill(rig, rng.uniform() < 0.5 ? 'position' : 'velocity', () => (rng.uniform() < 0.5 ? -1e300 : 1e300)),
  noise: (rng, rig) => fill(rig, 'position', (i) => rig.gate.lastCommand.position[i] + 0.001 * rng.normal()),
  loud_noise: (rng, rig) => fill(rig, 'position', () => 3 * rng.normal()),
  dither_at_limit: (rng, rig) => fill(rig, 'position', (i) => LIMITS[i].position_upper_rad + 1e-3 * rng.normal()),
  greatest_jerk: (rng, rig) => {
    const h = 1 / rig.hz;
    const { velocity, acceleration } = rig.gate.lastCommand;
    fill(
      rig,
      'velocity',
      (i) => velocity[i] + h * (acceleration[i] + (rng.uniform() < 0.5 ? -1 : 1) * h * LIMITS[i].jerk_rad_per_s3),
    );
  },
  fast_sine: (_rng, rig, k) => fill(rig, 'position', (i) => HOME[i] + 0.5 * Math.sin((0.02 + 0.01 * i) * k)),
  downwards: (rng, rig) => fill(rig, 'velocity', (i) => [0, 1.2, 0, -0.6, 0, 0.4, 0][i] + 0.1 * rng.normal()),
  outwards: (rng, rig) => fill(rig, 'velocity', (i) => [2, 0.7, 0, 1.5, 0, 0, 0][i] * (1 + 0.2 * rng.normal())),
  silence: (_rng, rig, k) => {
    if (k % 100 < 50) rig.request.stamp_s = rig.t_s - 1;
    else fill(rig, 'velocity', () => 1);
  },
  not_a_number: (rng, rig, k) => {
    fill(rig, 'velocity', () => 1.5);
    if (k % 80 === 40) rig.request.values[rng.int(N)] = [Number.NaN, Infinity, -Infinity][rng.int(3)];
  },
  wrong_length: (rng, rig, k) => {
    fill(rig, 'velocity', () => -1.5);
    if (k % 80 === 40) rig.request.values = new Float64Array(rng.int(N));
  },
  bad_stamp: (rng, rig, k) => {
    fill(rig, 'velocity', () => 1);
    if (k % 50 > 30) rig.request.stamp_s = [Number.NaN, 1e9, -1e9, Infinity][rng.int(4)];
  },
  lease_loss: (rng, rig, k) => {
    fill(rig, 'velocity', () => (k % 200 < 100 ? 2 : -2));
    if (rng.uniform() < 0.01) rig.leased = false;
    else if (rng.uniform() < 0.03) rig.leased = true;
  },
};

/** Runs every attack for its share of `cycles`; every now and then stops the arm and runs its tail out. */
function attackAll(envelope: Envelope, cycles: number, seed: number, hz = HZ): number {
  let tails = 0;
  for (const [name, attack] of Object.entries(ATTACKS)) {
    const rng = createRng(seed, name);
    const rig = new GateRig(ROBOT, envelope, hz);
    const judge = new Judge(rig);
    for (let k = 0; k < cycles / Object.keys(ATTACKS).length; k++) {
      rig.request.stamp_s = (rig.cycle + 1) / hz;
      if (rig.request.values.length !== N) rig.request.values = new Float64Array(N);
      attack(rng, rig, k);
      const label = `${name}, seed ${seed}, cycle ${k}`;
      judge.look(rig.cycleOnly(), label);
      if (rng.uniform() < 0.01 && rig.gate.latched && rig.gate.acknowledge() === '') rig.leased = true;
      if (rng.uniform() < 1 / 250) {
        const promised = Math.round(rig.gate.lastCommand.stop_time_s * hz);
        rig.gate.requestStop();
        for (let i = 0; i < promised; i++) judge.look(rig.cycleOnly(), `${label}, stop ${i}`);
        const { velocity, acceleration } = rig.gate.lastCommand;
        expect(
          [...velocity, ...acceleration].every((x) => x === 0),
          `${label}: at rest after ${promised} cycles`,
        ).toBe(true);
        if (envelope === ENVELOPE) expect(promised, label).toBeLessThan(0.5 * hz);
        expect(rig.gate.acknowledge()).toBe('');
        rig.leased = true;
        for (let i = 0; i < 3; i++) judge.look(rig.step(), label);
        tails++;
      }
    }
    expect(judge.worst).toBe('');
  }
  return tails;
}

describe('gate under hostile commands', () => {
  it('keeps every limit at every cycle, and every stop ends at rest inside them', () => {
    expect(attackAll(ENVELOPE, 150_000, 21)).toBeGreaterThan(400);
  });

  it('does so without a workspace, where the joint limits are reached', () => {
    expect(attackAll({ ...ENVELOPE, workspace: null }, 60_000, 22)).toBeGreaterThan(150);
  });

  it('does so in a small workspace around the tool', () => {
    const workspace = { lower_m: [0.25, -0.1, 0.3], upper_m: [0.4, 0.15, 0.7] } as const;
    expect(attackAll({ ...ENVELOPE, workspace }, 30_000, 23)).toBeGreaterThan(50);
  });

  it('does so in random envelopes, at 500 Hz and 1 kHz', () => {
    const rng = createRng(24);
    for (let round = 0; round < 12; round++) {
      const joints = ENVELOPE.joints.map((joint, i) => {
        const acceleration_rad_per_s2 = joint.acceleration_rad_per_s2 * 10 ** rng.range(-1, 1);
        const room = rng.range(0.05, 1);
        return {
          ...joint,
          position_lower_rad: Math.max(joint.position_lower_rad, HOME[i] - room),
          position_upper_rad: Math.min(joint.position_upper_rad, HOME[i] + rng.range(0.05, 1)),
          velocity_rad_per_s: joint.velocity_rad_per_s * 10 ** rng.range(-1, 0.5),
          acceleration_rad_per_s2,
          jerk_rad_per_s3: Math.max(100, acceleration_rad_per_s2 * 10 ** rng.range(1, 3.5)),
        };
      });
      attackAll({ ...ENVELOPE, joints, workspace: null }, 6000, 100 + round, round % 2 === 0 ? 500 : 1000);
    }
  });
});
