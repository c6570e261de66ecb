import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import type { JointLimits, RobotModel } from '../dynamics/index.ts';
import { PANDA_ACCELERATION, PANDA_HOME, PANDA_JERK, PANDA_VELOCITY } from './panda/limits.ts';
import type { GripperModel, Robot, SemanticModel, SuctionModel } from './robot.ts';
import { readSrdf, restrictSemantic } from './srdf.ts';
import { readUrdf } from './urdf/load_urdf.ts';

export const PANDA_URDF: string = join(PACKAGE_ROOT, 'robots', 'panda', 'panda.urdf');

/** Written by scripts/write_srdf.mjs. */
export const PANDA_SRDF: string = join(PACKAGE_ROOT, 'robots', 'panda', 'panda.srdf');

const SUCTION_TOOL_URDF: string = join(PACKAGE_ROOT, 'robots', 'panda', 'suction_tool.urdf');
const PANDA_TOOL_JOINT = 'panda_hand_joint';

export const TOOLS = ['parallel', 'suction', 'none'] as const;
export type Tool = (typeof TOOLS)[number];

export interface RobotOptions {
  /** Of the Panda: its hand, a suction cup on its flange, or the bare flange. Default parallel. */
  readonly tool?: Tool;
  /** false: without the finger or gripper joints and what hangs on them; the hand stays. Default true. */
  readonly gripper?: boolean;
  /** Where meshes of `package://NAME/…` are looked for first. */
  readonly packageDir?: string;
  /** The SRDF file of the URDF: collisions left out, groups and named states. Default: of the Panda with its hand its own. */
  readonly srdf?: string;
  /** false: visual meshes are not read, for who draws nothing. Default true. */
  readonly visualMeshes?: boolean;
}

/** A flat cup of 40 mm whose lip seals at 36 mm, on a compact ejector: 61 N. */
const SUCTION_CUP: SuctionModel = {
  radius_m: 0.018,
  vacuum_Pa: 60_000,
  evacuation_s: 0.03,
  max_gap_m: 0.0015,
  max_tilt_rad: 0.15,
};

function toolText(tool: 'suction' | 'none'): string | null {
  return tool === 'none' ? null : readFileSync(SUCTION_TOOL_URDF, 'utf8');
}

/** Where a URDF says nothing: full speed after half a second, full acceleration after 50 ms, 1 rad/s or 1 m/s. */
const DEFAULT_VELOCITY = 1;
const TIME_TO_SPEED_S = 0.5;
const TIME_TO_ACCELERATION_S = 0.05;

/** The robot called `panda`, or the one of a URDF file. Throws InputError when the file cannot be used. */
export function loadRobot(spec: string, options: RobotOptions = {}): Robot {
  const file = spec === 'panda' ? PANDA_URDF : spec;
  const tool = options.tool ?? 'parallel';
  if (!TOOLS.includes(tool)) throw new InputError(`tool ${tool}`, TOOLS.join(', '));
  if (tool !== 'parallel' && spec !== 'panda') {
    throw new InputError(
      `tool ${tool} on ${spec}`,
      'tools can be changed on panda alone; give a URDF with the tool on it',
    );
  }
  const { model, tip_link, document } = readUrdf(file, {
    ...(options.packageDir === undefined ? {} : { packageDir: options.packageDir }),
    ...(options.visualMeshes === undefined ? {} : { visualMeshes: options.visualMeshes }),
    ...(tool === 'parallel' ? {} : { tool: { mount: PANDA_TOOL_JOINT, text: toolText(tool) } }),
    ...(options.gripper === false ? { without: (joint: string) => /finger|gripper/i.test(joint) } : {}),
  });
  const tcp_frame = defaultFrame(model, tip_link);
  const arm_joints = armJoints(model, tcp_frame);
  const srdf = options.srdf ?? (spec === 'panda' && tool === 'parallel' ? PANDA_SRDF : undefined);
  const semantic = srdf === undefined ? null : readSrdf(srdf, document);
  return {
    name: spec === 'panda' ? 'panda' : model.name,
    model,
    arm_joints,
    gripper: spec === 'panda' ? pandaGripper(model) : null,
    ...(tool === 'suction' ? { suction: SUCTION_CUP } : {}),
    tcp_frame,
    limits: jointLimits(model, arm_joints),
    motion_limits: isPandaArm(model, arm_joints) ? 'manufacturer' : 'assumed',
    home_q: homePose(model, spec === 'panda'),
    ...(semantic === null ? {} : { semantic: partOf(semantic, model) }),
  };
}

/** What of a description is about the links and joints the robot was loaded with. */
function partOf(semantic: SemanticModel, { frames, joint_names }: RobotModel): SemanticModel {
  return restrictSemantic(semantic, new Set(frames.map(({ name }) => name)), new Set(joint_names));
}

/** The frame a robot is asked about unless another is named: panda_hand_tcp, suction_tcp, tool0, else the tip of its longest chain. */
function defaultFrame(model: RobotModel, tip_link: string): string {
  const names = model.frames.map(({ name }) => name);
  return ['panda_hand_tcp', 'suction_tcp', 'tool0'].find((name) => names.includes(name)) ?? tip_link;
}

/** How many of the first coordinates move the tool frame. */
function armJoints(model: RobotModel, tcp_frame: string): number {
  const moves = new Set<number>();
  const frame = model.frames.find(({ name }) => name === tcp_frame);
  for (let b = frame?.body ?? -1; b >= 0; b = model.parent[b]) moves.add(model.coordinate[b]);
  let count = 0;
  while (count < model.nq && moves.has(count)) count++;
  return count;
}

function pandaGripper(model: RobotModel): GripperModel | null {
  const coordinate = model.joint_names.indexOf('panda_finger_joint1');
  if (coordinate < 0) return null;
  return {
    coordinate,
    max_width_m: 2 * model.position_upper[coordinate],
    max_force_N: 70,
    max_speed_m_s: model.velocity_limit[coordinate],
  };
}

/** A Panda by the names of its joints, whoever wrote its URDF. */
function isPandaArm(model: RobotModel, n: number): boolean {
  return n === PANDA_VELOCITY.length && PANDA_VELOCITY.every((_, j) => model.joint_names[j] === `panda_joint${j + 1}`);
}

/** Acceleration and jerk are the manufacturer's where the arm is known, speed then at most his; otherwise assumed. */
function jointLimits(model: RobotModel, n: number): JointLimits {
  const finite = (value: number) => (Number.isFinite(value) && value > 0 ? value : DEFAULT_VELOCITY);
  const isPanda = isPandaArm(model, n);
  const written = model.velocity_limit.slice(0, n).map(finite);
  const velocity = isPanda ? written.map((v, j) => Math.min(v, PANDA_VELOCITY[j])) : written;
  const acceleration = isPanda ? Float64Array.from(PANDA_ACCELERATION) : velocity.map((v) => v / TIME_TO_SPEED_S);
  return {
    position_lower: model.position_lower.slice(0, n),
    position_upper: model.position_upper.slice(0, n),
    velocity,
    acceleration,
    jerk: isPanda ? Float64Array.from(PANDA_JERK) : acceleration.map((a) => a / TIME_TO_ACCELERATION_S),
    effort: model.effort_limit.slice(0, n),
  };
}

/** Zero brought into the limits, unless the robot has a pose of its own. */
function homePose(model: RobotModel, isPanda: boolean): Float64Array {
  if (isPanda) return Float64Array.from(PANDA_HOME.slice(0, model.nq));
  return Float64Array.from({ length: model.nq }, (_, i) =>
    Math.min(Math.max(0, model.position_lower[i]), model.position_upper[i]),
  );
}
