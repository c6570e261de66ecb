import { z } from 'zod';
import { createRng } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  quaternionToMatrix,
  RobotData,
  rotationAngleBetween,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { IkOptions } from './ik_options.ts';
import { IkSolver } from './solver.ts';

const targets = z.array(z.unknown(), 'must be a list of targets').min(1, 'must have at least one target');

/** A file of targets: the list, or an object that has it. Single targets are read by targetOf. */
export const ikFile = z.union([targets, z.object({ targets })], 'must be a list of targets or {"targets":[…]}');

const target = z.object({
  position: z
    .array(z.number('must be a finite number').refine(Number.isFinite, 'must be a finite number'), 'must be [x,y,z]')
    .length(3, 'must be [x,y,z]'),
  orientation: z
    .array(z.number('must be a finite number').refine(Number.isFinite, 'must be a finite number'), 'must be [x,y,z,w]')
    .length(4, 'must be [x,y,z,w]')
    .refine((q) => Math.abs(Math.hypot(...q) - 1) <= UNIT_TOLERANCE, 'must be a unit quaternion [x,y,z,w]'),
  seed: z.array(z.number('must be a finite number'), 'must be a list of numbers, one a joint').nullish(),
});

/** A tool pose to reach: rotation row-major 9 and position 3 (m, root frame), and where to begin (rad). */
export interface IkTarget {
  readonly pose: Float64Array;
  readonly seed: Float64Array | null;
}

export interface IkAnswer {
  /** Arm joints within their limits (rad), or null with a reason. */
  readonly joints: number[] | null;
  readonly reason?: string;
  /** Of the frame by the model's own kinematics; of the nearest position found where joints is null; null for bad input. */
  readonly position_error_m: number | null;
  readonly rotation_error_rad: number | null;
}

/** What a target says, or why it cannot be used. */
export function targetOf(given: unknown, arm_joints: number): IkTarget | { readonly reason: string } {
  const read = target.safeParse(given);
  if (!read.success) {
    const { path, message } = read.error.issues[0];
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return { reason: `${place === '' ? 'the target' : place.slice(1)} ${message}` };
  }
  const { position, orientation, seed } = read.data;
  if (seed && seed.length !== arm_joints) {
    return { reason: `seed has ${seed.length} numbers: the arm has ${arm_joints} joints` };
  }
  const pose = new Float64Array(12);
  quaternionToMatrix(orientation, 0, pose, 0);
  pose.set(position, 9);
  return { pose, seed: seed ? Float64Array.from(seed) : null };
}

/** Answers targets one after the other; an answer depends on its target and place alone. */
export class IkCases {
  readonly solver: IkSolver;
  private readonly robot: Robot;
  private readonly seed: number;
  private readonly frame: number;
  private readonly data: RobotData;
  private readonly full: Float64Array;
  private readonly home: Float64Array;
  private readonly reached = new Float64Array(12);

  /** @param seed  of the last random starts. Throws InputError for a frame that the arm does not move. */
  constructor(robot: Robot, seed = 0, options: IkOptions = {}) {
    this.robot = robot;
    this.seed = seed;
    this.solver = new IkSolver(robot, { limit_margin_rad: 0, home_gain: 0, first: 'closed_form', ...options });
    this.frame = frameIndex(robot.model, options.frame ?? robot.tcp_frame);
    this.data = new RobotData(robot.model);
    this.full = robot.home_q.slice();
    this.home = robot.home_q.slice(0, robot.arm_joints);
  }

  solve({ pose, seed }: IkTarget, index: number): IkAnswer {
    const { robot, data, full, reached } = this;
    const { ok, q, reason } = this.solver.solve(pose, seed ?? this.home, createRng(this.seed, `ik/${index}`));
    full.set(q);
    forwardKinematics(robot.model, data, full);
    framePose(robot.model, data, this.frame, reached);
    const position_error_m = Math.hypot(reached[9] - pose[9], reached[10] - pose[10], reached[11] - pose[11]);
    const rotation_error_rad = rotationAngleBetween(reached, 0, pose, 0);
    if (ok) return { joints: Array.from(q), position_error_m, rotation_error_rad };
    return { joints: null, reason: reason + this.lackingJoints(), position_error_m, rotation_error_rad };
  }

  private lackingJoints(): string {
    const { count } = this.solver.chain;
    return count >= 6 ? '' : `; ${count} joints move the frame: 6 are needed for any pose`;
  }
}

/** How far a quaternion's length may be from 1, by rounding in the file. */
const UNIT_TOLERANCE = 1e-3;
