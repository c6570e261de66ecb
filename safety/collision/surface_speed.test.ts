import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { GateRig, tableEnvelope } from '../../test/support/gate_rig.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../test/support/heap.ts';
import { randomSolidArm } from '../../test/support/random_solid_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { JointGuard } from '../joint_guard.ts';
import { reasonNames } from '../reasons.ts';
import { CollisionGuard } from './collision_guard.ts';
import { linkCapsules } from './link_capsules.ts';
import { SurfaceSpeedGuard } from './surface_speed.ts';

const HZ = 500;
const LIMIT = 0.25;
const PANDA = loadRobot('panda', { visualMeshes: false });

/** Speeds of points on the capsules by differences of their places, from joint positions alone. */
class SurfaceJudge {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly points_of: readonly { readonly body: number; readonly x: readonly number[] }[];
  private last: number[][] | null = null;

  constructor(robot: Robot, rng: Rng, around: number) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
    const { count, body, ends, radius } = linkCapsules(robot);
    this.points_of = Array.from({ length: count }, (_, capsule) => capsule)
      .filter((capsule) => body[capsule] >= 0)
      .flatMap((capsule) =>
        Array.from({ length: around }, (_, i) => {
          const u = [rng.normal(), rng.normal(), rng.normal()];
          const size = radius[capsule] / Math.hypot(...u);
          // The ends' own balls move fastest: half of the points are on them.
          const along = i % 4 === 0 ? 0 : i % 4 === 1 ? 1 : rng.uniform();
          const e = 6 * capsule;
          const x = u.map((d, k) => ends[e + k] + along * (ends[e + 3 + k] - ends[e + k]) + size * d);
          return { body: body[capsule], x };
        }),
      );
  }

  look(q: Float64Array): number {
    forwardKinematics(this.robot.model, this.data, q);
    const { R, p } = this.data;
    const places = this.points_of.map(({ body: b, x }) =>
      [0, 1, 2].map(
        (r) => R[9 * b + 3 * r] * x[0] + R[9 * b + 3 * r + 1] * x[1] + R[9 * b + 3 * r + 2] * x[2] + p[3 * b + r],
      ),
    );
    let greatest = 0;
    places.forEach((place, i) => {
      const before = this.last?.[i] ?? place;
      greatest = Math.max(greatest, HZ * Math.hypot(...place.map((value, k) => value - before[k])));
    });
    this.last = places;
    return greatest;
  }
}

function jointsOf(robot: Robot): JointGuard[] {
  const { position_lower, position_upper, velocity, acceleration, jerk } = robot.limits;
  return Array.from({ length: robot.arm_joints }, (_, i) => {
    const bounds = { position_lower: position_lower[i], position_upper: position_upper[i] };
    return new JointGuard({ ...bounds, velocity: velocity[i], acceleration: acceleration[i], jerk: jerk[i] }, HZ);
  });
}

function guardsOf(robot: Robot, joints: readonly JointGuard[]) {
  const options = { hz: HZ, self_margin_m: 0, obstacle_margin_m: 0, keep_out: [] };
  const collision = new CollisionGuard(robot, joints, options);
  return { collision, speed: new SurfaceSpeedGuard(robot.model, collision, joints, HZ) };
}

/** A state of every joint, one cycle after another, and the stop from it. */
function draw(rng: Rng, joints: readonly JointGuard[], share: number): void {
  for (const joint of joints) {
    const { bounds } = joint;
    joint.p = rng.range(Math.max(bounds.position_lower, -3), Math.min(bounds.position_upper, 3));
    joint.v = bounds.velocity * rng.range(-1, 1) * share;
    joint.next_a = rng.uniform() < 0.3 ? 0 : bounds.acceleration * rng.range(-1, 1) * Math.min(1, 2 * share);
    joint.next_v = joint.v + joint.next_a / HZ;
    joint.next_p = joint.p + joint.next_v / HZ;
    joint.tail.velocity = joint.next_v;
    joint.tail.acceleration = joint.next_a;
    joint.tail.solve();
  }
}

/** Greatest speed of surface points over the proposals and every cycle of the stops from them. */
function greatest(robot: Robot, joints: readonly JointGuard[], judge: SurfaceJudge): number {
  const q = robot.home_q.slice();
  const cycles = Math.max(...joints.map((joint) => joint.tail.cycles));
  let most = 0;
  for (let count = -1; count <= cycles; count++) {
    joints.forEach((joint, k) => {
      if (count >= 0) joint.tail.locate(count);
      q[k] = count < 0 ? joint.p : joint.next_p + joint.tail.displacement;
    });
    const speed = judge.look(q);
    if (count >= 0) most = Math.max(most, speed);
  }
  return most;
}

/** Refuses all that surface points show to be too fast, and little else; counts of refused and allowed. */
function compare(rng: Rng, robot: Robot, cases: number, around: number): number[] {
  const joints = jointsOf(robot);
  const { collision, speed: guard } = guardsOf(robot, joints);
  const counts = [0, 0, 0];
  for (let i = 0; i < cases; i++) {
    draw(rng, joints, [0.02, 0.1, 0.4][i % 3]);
    const most = greatest(robot, joints, new SurfaceJudge(robot, rng, around));
    guard.speed_limit = most * rng.range(0.7, 1.5);
    collision.prepareTail();
    const allowed = guard.allows();
    if (allowed) expect(most, `case ${i}`).toBeLessThanOrEqual(guard.speed_limit * (1 + 1e-9) + 1e-10);
    else if (most < guard.speed_limit) counts[2]++;
    counts[allowed ? 1 : 0]++;
  }
  return counts;
}

describe('guard of surface speeds', () => {
  it('refuses what points on the surface of the Panda show to be too fast, and little else', () => {
    const cases = sweep(75, 150);
    const [refused, allowed, wrongly] = compare(createRng(51), PANDA, cases, 8);
    expect(refused).toBeGreaterThan(0.26 * cases);
    expect(allowed).toBeGreaterThan(0.26 * cases);
    // Few points find the fastest, and balls that turn about another axis than they move around count as if they did.
    expect(wrongly).toBeLessThan(0.4 * cases);
  });

  it('does so for random chains with sliding and mimicking joints', () => {
    const rng = createRng(52);
    let [refused, allowed] = [0, 0];
    for (let round = 0; round < sweep(3, 12); round++) {
      const counts = compare(rng, randomSolidArm(rng, 3 + rng.int(4)), 25, 16);
      refused += counts[0];
      allowed += counts[1];
    }
    expect(refused).toBeGreaterThan(sweep(15, 60));
    expect(allowed).toBeGreaterThan(sweep(15, 60));
  });

  it('settles a slow motion by its bounds alone, and says yes at once without a limit', () => {
    const joints = jointsOf(PANDA);
    const { collision, speed: guard } = guardsOf(PANDA, joints);
    draw(createRng(53), joints, 1);
    expect(guard.allows()).toBe(true);
    joints.forEach((joint, i) => {
      joint.reset(PANDA.home_q[i]);
    });
    guard.speed_limit = LIMIT;
    for (let k = 0; k < 100; k++) {
      for (const joint of joints) joint.proposeTowardsVelocity(Float64Array.of(0.03), 0);
      collision.prepareTail();
      expect(guard.allows()).toBe(true);
      for (const joint of joints) joint.commit();
    }
    expect(guard.looks).toBe(0);
  });
});

describe('the gate in reduced mode', () => {
  const rig = (robot: Robot = PANDA): GateRig => {
    const made = new GateRig(robot, { ...tableEnvelope(robot), workspace: null });
    expect(made.gate.selectMode('reduced')).toBe('');
    made.gate.setEnabled(true);
    return made;
  };
  const judged = (made: GateRig, judge: SurfaceJudge, q: Float64Array): number => {
    q.set(made.gate.lastCommand.position);
    return judge.look(q);
  };

  it.each(['velocity', 'position'] as const)(
    'keeps every surface under its speed under hostile %s commands',
    (kind) => {
      const rng = createRng(54, kind);
      const made = rig();
      const judge = new SurfaceJudge(PANDA, rng, 8);
      const q = PANDA.home_q.slice();
      judged(made, judge, q);
      const values = new Float64Array(7);
      let most = 0;
      for (let k = 0; k < sweep(1200, 3000); k++) {
        const attack = (k / 300) | 0;
        if (attack % 3 === 0 ? k % 40 === 0 : k % 300 === 0) {
          for (let i = 0; i < 7; i++) {
            const top = PANDA.limits.velocity[i] * [0.1, 0.5, 1][attack % 3];
            values[i] =
              kind === 'velocity'
                ? rng.range(-top, top)
                : rng.range(PANDA.limits.position_lower[i], PANDA.limits.position_upper[i]);
          }
        }
        made.step(kind, values);
        most = Math.max(most, judged(made, judge, q));
      }
      expect(most).toBeLessThanOrEqual(LIMIT * (1 + 1e-9) + 1e-10);
      expect(most).toBeGreaterThan(0.6 * LIMIT);
    },
  );

  it('lets a motion arrive, along its path and without stutter', () => {
    const made = rig();
    const judge = new SurfaceJudge(PANDA, createRng(56), 8);
    const q = PANDA.home_q.slice();
    judged(made, judge, q);
    const goal = PANDA.home_q.subarray(0, 7).map((x, i) => x + [0.8, 0.4, -0.3, 0.5, 0.3, -0.4, 0.6][i]);
    const speeds: number[] = [];
    for (let k = 0; k < 4000; k++) {
      made.step('position', goal);
      speeds.push(judged(made, judge, q));
    }
    goal.forEach((x, i) => {
      expect(made.gate.lastCommand.position[i]).toBeCloseTo(x, 6);
    });
    expect(made.gate.atRest).toBe(true);
    expect(Math.max(...speeds)).toBeLessThanOrEqual(LIMIT * (1 + 1e-9) + 1e-10);
    // It speeds up once, and does not come to a halt before its end.
    const moving = speeds.slice(
      0,
      speeds.findLastIndex((speed) => speed > 0.01),
    );
    const after = moving.slice(moving.findIndex((speed) => speed > 0.1));
    const slowest = Math.min(...after.slice(0, Math.floor(0.8 * after.length)));
    expect(slowest).toBeGreaterThan(0.05);
  });

  it('brings velocities down to what is allowed, and holds them there', () => {
    const made = rig();
    const judge = new SurfaceJudge(PANDA, createRng(57), 24);
    const q = PANDA.home_q.slice();
    judged(made, judge, q);
    const speeds: number[] = [];
    for (let k = 0; k < 400; k++) {
      made.step('velocity', [0.8, 0.3, 0, -0.4, 0, 0.5, 0]);
      speeds.push(judged(made, judge, q));
    }
    expect(Math.max(...speeds)).toBeLessThanOrEqual(LIMIT * (1 + 1e-9) + 1e-10);
    const steady = speeds.slice(100);
    expect(Math.min(...steady)).toBeGreaterThan(0.5 * LIMIT);
    expect(Math.max(...steady) - Math.min(...steady)).toBeLessThan(0.2 * LIMIT);
    expect(reasonNames(made.gate.reasons)).toEqual(['tool_speed']);
  });

  it('allocates nothing more than in automatic mode', () => {
    const values = new Float64Array(7);
    const work = (made: GateRig) => (calls: number) => {
      for (let k = 0; k < calls; k++) {
        values[0] = made.cycle % 800 < 400 ? 0.9 : -0.9;
        values[3] = made.cycle % 600 < 300 ? 0.4 : -0.4;
        made.step('velocity', values);
      }
    };
    const plain = work(new GateRig(PANDA));
    const reduced = work(rig());
    plain(10_000);
    reduced(10_000);
    const beside = bytesPerCall(3000, plain);
    expect(bytesPerCall(3000, reduced, 12, beside + 2 * BOXED_NUMBER)).toBeLessThanOrEqual(beside + 2 * BOXED_NUMBER);
  });
});
