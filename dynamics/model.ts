import type { ConvexMesh, Shape, TriangleMesh } from '../contracts/index.ts';

/**
 * A robot as a tree of rigid bodies, immutable. Fixed joints are merged into the body that carries them. Body b hangs on
 * its parent by one joint; joints that mimic another share its coordinate. Body frame = joint frame of the URDF.
 */
export interface RobotModel {
  readonly name: string;
  readonly root_link: string;
  /** Moving bodies (tree joints, mimics included). */
  readonly nb: number;
  /** Independent coordinates: joints that are neither fixed nor mimic, in document order of the URDF. */
  readonly nq: number;
  /** nq names. */
  readonly joint_names: readonly string[];
  /** nb names of tree joints, parents before children. */
  readonly body_joint_names: readonly string[];
  /** Parent body, −1 for the root link; parent[b] < b. */
  readonly parent: Int32Array;
  /** 0 revolute or continuous, 1 prismatic. */
  readonly joint_type: Uint8Array;
  /** Unit joint axis in the body frame, 3·nb. */
  readonly axis: Float64Array;
  /** Parent body frame to joint frame at zero: rotation row-major 9·nb, translation 3·nb (m). */
  readonly tree_R: Float64Array;
  readonly tree_p: Float64Array;
  /** Joint value of body b = multiplier[b] · q[coordinate[b]] + offset[b]. */
  readonly coordinate: Int32Array;
  readonly multiplier: Float64Array;
  readonly offset: Float64Array;
  /** kg; centre of mass in the body frame 3·nb (m); inertia about it, body axes, xx yy zz xy xz yz 6·nb (kg·m²). */
  readonly mass: Float64Array;
  readonly com: Float64Array;
  readonly inertia: Float64Array;
  /**
   * Limits of the independent coordinates, nq: rad or m, rad/s or m/s, Nm or N; ±Infinity for continuous joints. The
   * effort of a coordinate that others mimic is the sum over its joints (two fingers of 70 N each: 140 N).
   */
  readonly position_lower: Float64Array;
  readonly position_upper: Float64Array;
  readonly velocity_limit: Float64Array;
  readonly effort_limit: Float64Array;
  /** Viscous damping (Nm·s/rad) and Coulomb friction (Nm) of the independent coordinates; not part of RNEA, CRBA, ABA. */
  readonly damping: Float64Array;
  readonly friction: Float64Array;
  /** Every link of the URDF as a frame fixed to a body. */
  readonly frames: readonly FrameModel[];
  readonly collision: readonly BodyShape[];
  readonly visual: readonly BodyShape<Shape | TriangleMesh>[];
}

/** A link frame: T_body_frame, rotation row-major and translation (m). `body` −1: fixed to the root link. */
export interface FrameModel {
  readonly name: string;
  readonly body: number;
  readonly R: readonly number[];
  readonly p: readonly number[];
}

/**
 * A shape fixed to a body: T_body_shape; `rgba` in 0..1. A mesh's frame is in the middle of its bounding box, so that `p`
 * is its middle as it is of a primitive.
 */
export interface BodyShape<S = Shape | ConvexMesh> extends FrameModel {
  readonly link: string;
  readonly shape: S;
  readonly rgba: readonly [number, number, number, number];
}

/** Motion limits of the arm's joints, one entry each: rad, rad/s, rad/s², rad/s³, Nm. */
export interface JointLimits {
  readonly position_lower: Float64Array;
  readonly position_upper: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  readonly jerk: Float64Array;
  readonly effort: Float64Array;
}
