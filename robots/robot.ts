import type { JointLimits, RobotModel } from '../dynamics/index.ts';

/** A parallel gripper driven by one coordinate of the model (its second finger mimics the first). */
export interface GripperModel {
  /** Index of the finger coordinate in q; the distance between the fingers is twice its value. */
  readonly coordinate: number;
  readonly max_width_m: number;
  /** Of each finger on the object. */
  readonly max_force_N: number;
  /** Of each finger. */
  readonly max_speed_m_s: number;
}

/** A flat suction cup; its rim is a circle about the origin of the tool frame, which looks out of the cup along +z. */
export interface SuctionModel {
  /** Of the sealing lip (m); with the vacuum it gives the force. */
  readonly radius_m: number;
  /** Below the pressure outside, with a tight seal (Pa). */
  readonly vacuum_Pa: number;
  /** Time constant in which the pressure falls, s. */
  readonly evacuation_s: number;
  /** Gap that the lip bridges (m), and tilt of the surface it follows (rad). */
  readonly max_gap_m: number;
  readonly max_tilt_rad: number;
}

/** What a semantic description (SRDF, as MoveIt reads it) adds to a URDF. */
export interface SemanticModel {
  /** Pairs of links whose contact is not looked for: `disable_collisions`. */
  readonly disabled_pairs: readonly (readonly [string, string])[];
  /** Joints of the named groups that can be set (neither fixed nor mimic), in the order of the file. */
  readonly groups: readonly { readonly name: string; readonly joints: readonly string[] }[];
  /** Named positions of a group's joints (rad or m); of the whole robot where `group` is ''. */
  readonly states: readonly {
    readonly name: string;
    readonly group: string;
    readonly joints: Readonly<Record<string, number>>;
  }[];
  readonly end_effectors: readonly {
    readonly name: string;
    readonly parent_link: string;
    readonly group: string;
  }[];
  /** How the robot's root stands in the world: fixed, planar or floating. */
  readonly virtual_joints: readonly {
    readonly name: string;
    readonly type: string;
    readonly parent_frame: string;
    readonly child_link: string;
  }[];
}

/** A robot as the stack uses it: model, limits and the names of what matters on it. */
export interface Robot {
  readonly name: string;
  readonly model: RobotModel;
  /** The arm's joints are coordinates 0 .. arm_joints − 1. */
  readonly arm_joints: number;
  readonly gripper: GripperModel | null;
  /** Where the tool is a suction cup. */
  readonly suction?: SuctionModel;
  readonly tcp_frame: string;
  readonly limits: JointLimits;
  /** Where acceleration and jerk limits come from: a URDF has none, so without the manufacturer's they are assumed. */
  readonly motion_limits: 'manufacturer' | 'assumed';
  /** A collision-free pose clear of the table, nq. */
  readonly home_q: Float64Array;
  /** Of the SRDF it was loaded with; without one the pairs to check are chosen from the geometry. */
  readonly semantic?: SemanticModel;
}
