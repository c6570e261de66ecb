import { expect } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ControlLoop, type FollowerOptions, TrajectorySampler } from '../../control/index.ts';
import { forwardKinematics, frameIndex, framePoint, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { envelopeForRobot, envelopeLimits, SafetyGate, Supervisor } from '../../safety/index.ts';
import { CannonEngine, SimArm, type SimArmOptions } from '../../sim/index.ts';
import { restToRest } from './rest_to_rest.ts';
import { PANDA, tableScene } from './sim_rig.ts';
import { wrongMasses } from './wrong_masses.ts';

const N = PANDA.arm_joints;
export const HZ = 500;
export const ENVELOPE = { ...envelopeForRobot(PANDA), workspace: null };
export const LIMITS = envelopeLimits(ENVELOPE);
export const NAMES = PANDA.model.joint_names.slice(0, N);

/** Postures over the table such as picks go through: to the side, down, up, across. */
export const POSTURES = [
  [0, -0.785, 0, -2.356, 0, 1.571, 0.785],
  [0.5, 0.1, 0.1, -2.2, 0, 2.3, 1.3],
  [0.5, 0.25, 0.1, -2.25, 0, 2.5, 1.3],
  [0.45, -0.3, 0.05, -2.3, 0, 2.0, 1.2],
  [-0.6, 0.05, -0.1, -2.1, 0, 2.15, 0.2],
  [-0.6, 0.3, -0.1, -2.0, 0, 2.3, 0.2],
  [0, -0.785, 0, -2.356, 0, 1.571, 0.785],
];

/** The Panda in cannon under gate and loop, with masses that its drives do not know. */
export class TrackingCell {
  readonly engine: CannonEngine;
  readonly gate = new SafetyGate(ENVELOPE, PANDA, HZ);
  readonly loop: ControlLoop;
  private readonly arm: SimArm;
  private cycle = 0;

  constructor(robot: Robot, follower: Partial<FollowerOptions>, arm: Partial<SimArmOptions>) {
    this.engine = new CannonEngine(robot, tableScene([]));
    this.engine.setRobotState(PANDA.home_q, new Float64Array(PANDA.model.nq));
    this.arm = new SimArm(PANDA, this.engine, undefined, arm);
    const { arm: driver, gate } = this;
    this.loop = new ControlLoop({ robot: PANDA, driver, gate, supervisor: new Supervisor(), follower });
    this.run(300);
  }

  run(cycles: number): void {
    for (let k = 0; k < cycles; k++) {
      this.loop.tick(++this.cycle / HZ);
      this.arm.actuate();
      this.engine.step();
    }
  }
}

export interface TrackOptions {
  readonly follower?: Partial<FollowerOptions>;
  readonly arm?: Partial<SimArmOptions>;
  /** Share of the jerk limits beside that of all limits. */
  readonly jerk?: number;
  readonly mass_error?: number;
}

/** Error of the tool against what was commanded, over a round of postures at a share of the limits, m. */
export function track(
  seed: number | null,
  fraction: number,
  options: TrackOptions = {},
): { rms_m: number; worst_m: number } {
  const rng = seed === null ? null : createRng(seed, 'masses');
  const robot = wrongMasses(PANDA, options.mass_error ?? 0.2, rng);
  const cell = new TrackingCell(robot, options.follower ?? {}, options.arm ?? {});
  const limits = { ...LIMITS, jerk: LIMITS.jerk.map((j) => (options.jerk ?? 1) * j) };
  const data = new RobotData(PANDA.model);
  const frame = frameIndex(PANDA.model, PANDA.tcp_frame);
  const point = new Float64Array(6);
  const q = PANDA.home_q.slice();
  const tool = (from: ArrayLike<number>, at: number) => {
    for (let i = 0; i < N; i++) q[i] = from[i];
    forwardKinematics(PANDA.model, data, q);
    framePoint(PANDA.model, data, frame, point, at);
  };
  let [sum, count, worst] = [0, 0, 0];
  for (let p = 1; p < POSTURES.length; p++) {
    const path = restToRest(cell.gate.lastCommand.position.slice(), POSTURES[p], limits, fraction, 1 / HZ, NAMES);
    cell.loop.startTrajectory(path);
    const sampler = new TrajectorySampler(NAMES);
    sampler.load(path);
    const wanted = new Float64Array(N);
    for (let k = 0; k < 5000 && cell.loop.follower.active; k++) {
      cell.run(1);
      sampler.sample(cell.loop.follower.time_s, wanted);
      tool(wanted, 0);
      tool(cell.engine.q, 3);
      const error = Math.hypot(point[3] - point[0], point[4] - point[1], point[5] - point[2]);
      sum += error * error;
      count++;
      worst = Math.max(worst, error);
    }
    expect(cell.loop.follower.describeOutcome(), `move ${p}`).toBe('');
  }
  return { rms_m: Math.sqrt(sum / count), worst_m: worst };
}
