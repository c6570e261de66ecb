import type { Rng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { CommandKind, Obstacle, StopCategory } from '../../safety/index.ts';
import type { GateRig } from './gate_rig.ts';

/** A way to misuse the gate: fills the request for one cycle, or calls what an outsider may call. */
export type Attack = (rng: Rng, rig: GateRig, k: number) => void;

function fill(rig: GateRig, kind: CommandKind, value: (i: number) => number): void {
  rig.request.kind = kind;
  for (let i = 0; i < rig.request.values.length; i++) rig.request.values[i] = value(i);
}

const sign = (rng: Rng): number => (rng.uniform() < 0.5 ? -1 : 1);
const limitsOf = (rig: GateRig, i: number) => rig.gate.envelope.joints[i];
const middle = (rig: GateRig, i: number): number => {
  const { position_lower_rad: low, position_upper_rad: high } = limitsOf(rig, i);
  return (low + high) / 2;
};

function anyObstacle(rng: Rng, id: number): Obstacle {
  const velocity = rng.uniform() < 0.3 ? 0.5 : 0;
  const shapes = [
    { type: 'sphere', radius: rng.range(0.02, 0.1) },
    { type: 'capsule', radius: rng.range(0.02, 0.06), length: rng.range(0.05, 0.4) },
    { type: 'box', size: [rng.range(0.05, 0.3), rng.range(0.05, 0.3), rng.range(0.05, 0.3)] },
    { type: 'cylinder', radius: rng.range(0.02, 0.1), length: rng.range(0.05, 0.4) },
  ] as const;
  return {
    id: `obstacle ${id}`,
    shape: shapes[rng.int(4)],
    pose: {
      position: [rng.range(-0.8, 0.8), rng.range(-0.8, 0.8), rng.range(0, 1)],
      orientation: [0, 0, Math.SQRT1_2, Math.SQRT1_2],
    },
    velocity_m_per_s: [velocity * rng.normal(), velocity * rng.normal(), 0],
  };
}

const gravity = new WeakMap<object, RobotData>();

/** Torque that holds joint i of the arm where it is, Nm, into `out`. */
function weight(rig: GateRig, out: Float64Array): void {
  const { model, home_q } = rig.robot;
  const data = gravity.get(model) ?? new RobotData(model);
  gravity.set(model, data);
  const q = home_q.slice();
  q.set(rig.gate.lastCommand.position);
  forwardKinematics(model, data, q);
  rnea(model, data, null, null, out);
}

export const ATTACKS: Readonly<Record<string, Attack>> = {
  jumps: (rng, rig, k) => {
    if (k % 60 !== 0) return;
    fill(rig, 'position', (i) => {
      const { position_lower_rad: low, position_upper_rad: high } = limitsOf(rig, i);
      return rng.range(low - 1, high + 1);
    });
  },
  jumps_at_rest: (rng, rig, k) => {
    if (k % 700 === 0) fill(rig, 'position', (i) => middle(rig, i) + rng.normal());
  },
  bang_bang: (rng, rig) => fill(rig, 'velocity', (i) => sign(rng) * limitsOf(rig, i).velocity_rad_per_s),
  square_wave: (rng, rig, k) => {
    if (k % 37 === 0) fill(rig, 'velocity', () => rng.range(-4, 4));
  },
  huge: (rng, rig) => fill(rig, rng.uniform() < 0.5 ? 'position' : 'velocity', () => sign(rng) * 1e300),
  noise: (rng, rig) => fill(rig, 'position', (i) => rig.gate.lastCommand.position[i] + 0.001 * rng.normal()),
  loud_noise: (rng, rig) => fill(rig, 'position', () => 3 * rng.normal()),
  dither_at_limit: (rng, rig) =>
    fill(rig, 'position', (i) => limitsOf(rig, i).position_upper_rad + 1e-3 * rng.normal()),
  greatest_jerk: (rng, rig) => {
    const h = 1 / rig.hz;
    const { velocity, acceleration } = rig.gate.lastCommand;
    fill(
      rig,
      'velocity',
      (i) => velocity[i] + h * (acceleration[i] + sign(rng) * h * limitsOf(rig, i).jerk_rad_per_s3),
    );
  },
  fast_sine: (_rng, rig, k) => fill(rig, 'position', (i) => middle(rig, i) + 0.5 * Math.sin((0.02 + 0.01 * i) * k)),
  slightly_too_fast: (_rng, rig, k) =>
    fill(rig, 'position', (i) => {
      const { velocity_rad_per_s: V, acceleration_rad_per_s2: A } = limitsOf(rig, i);
      const w = (1.3 * A) / V;
      return rig.robot.home_q[i] + ((1.05 * V) / w) * (1 - Math.cos((w * k) / rig.hz));
    }),
  downwards: (rng, rig) => fill(rig, 'velocity', (i) => ([0, 1.2, 0, -0.6, 0, 0.4, 0][i] ?? 0) + 0.1 * rng.normal()),
  outwards: (rng, rig) => fill(rig, 'velocity', (i) => ([2, 0.7, 0, 1.5, 0, 0, 0][i] ?? 1) * (1 + 0.2 * rng.normal())),
  silence: (_rng, rig, k) => {
    if (k % 100 < 50) rig.request.stamp_s = rig.t_s - 1;
    else fill(rig, 'velocity', () => 1);
  },
  duplicates_and_bursts: (rng, rig, k) => {
    // The same stamp again and again, then a burst of newer ones, some out of order.
    if (k % 9 !== 0) rig.request.stamp_s = (rig.cycle + 1 - (k % 9)) / rig.hz;
    for (let burst = 0; burst < k % 4; burst++)
      fill(rig, 'velocity', (i) => rng.normal() * limitsOf(rig, i).velocity_rad_per_s);
  },
  late_cycles: (rng, rig) => {
    fill(rig, 'velocity', () => 1.5 * sign(rng));
    if (rng.uniform() < 0.02) rig.late_s += rng.range(0, 3) / rig.hz;
    if (rng.uniform() < 0.005) rig.gate.reportLate();
  },
  clock_jumps: (rng, rig) => {
    fill(rig, 'velocity', () => 1);
    if (rng.uniform() < 0.005) rig.late_s += [-0.1, 1e3, Number.NaN, Number.POSITIVE_INFINITY][rng.int(4)];
    else if (!Number.isFinite(rig.late_s)) rig.late_s = 2e3;
  },
  not_a_number: (rng, rig, k) => {
    fill(rig, 'velocity', () => 1.5);
    if (k % 80 === 40) {
      rig.request.values[rng.int(rig.request.values.length)] = [Number.NaN, Infinity, -Infinity][rng.int(3)];
    }
  },
  wrong_length: (rng, rig, k) => {
    fill(rig, 'velocity', () => -1.5);
    if (k % 80 === 40) rig.request.values = new Float64Array(rng.int(rig.request.values.length));
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
  stops_and_resets: (rng, rig) => {
    fill(rig, 'velocity', () => 2);
    if (rng.uniform() < 0.01) rig.gate.requestStop(rng.int(3) as StopCategory);
    if (rng.uniform() < 0.05) rig.gate.acknowledge();
  },
  modes: (rng, rig) => {
    fill(rig, rng.uniform() < 0.02 ? 'none' : 'velocity', () => 2);
    if (rng.uniform() < 0.02) rig.gate.selectMode((['automatic', 'reduced', 'guided'] as const)[rng.int(3)]);
    if (rng.uniform() < 0.02) rig.gate.setEnabled(rng.uniform() < 0.7);
  },
  random_torque: (rng, rig) => fill(rig, 'torque', (i) => 0.5 * rng.normal() * limitsOf(rig, i).effort_Nm),
  torque_about_weight: (rng, rig, k) => {
    const tau = new Float64Array(rig.robot.model.nq);
    weight(rig, tau);
    fill(
      rig,
      'torque',
      (i) => tau[i] + 0.2 * limitsOf(rig, i).effort_Nm * Math.sin(0.01 * (i + 1) * k) + 0.01 * rng.normal(),
    );
  },
  free_fall: (_rng, rig) => fill(rig, 'torque', () => 0),
  interfaces: (rng, rig, k) => {
    if (k % 40 === 0) {
      const kind = (['position', 'velocity', 'torque'] as const)[rng.int(3)];
      fill(rig, kind, (i) => (kind === 'position' ? rig.robot.home_q[i] + 0.1 * rng.normal() : rng.normal()));
    }
  },
  obstacles: (rng, rig, k) => {
    if (k % 60 === 0) fill(rig, 'velocity', (i) => 0.6 * rng.normal() * limitsOf(rig, i).velocity_rad_per_s);
    if (rng.uniform() < 0.004) {
      rig.setObstacles(Array.from({ length: rng.int(21) }, (_, id) => anyObstacle(rng, id)));
    }
  },
  emergency_stop: (rng, rig) => {
    fill(rig, 'velocity', () => 1.5 * sign(rng));
    if (rng.uniform() < 0.01) rig.emergency = !rig.emergency;
  },
};
