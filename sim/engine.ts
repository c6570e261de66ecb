/** A world is not one any more, or was not from the start; says body, step, value and limit. Its episode is invalid. */
export class InvalidStateError extends RangeError {}

/**
 * A physics world with one robot and the objects of a scene, advanced in fixed steps. Built by a factory from a
 * SceneModel and a RobotModel; an engine of another kind needs one folder that implements this.
 */
export interface PhysicsEngine {
  readonly name: string;
  readonly dt_s: number;
  /** Steps taken since the start. */
  readonly steps: number;
  /** Robot state, nq each; rad or m, rad/s or m/s. Read-only for callers. */
  readonly q: Float64Array;
  readonly v: Float64Array;
  /** Generalised force of the actuators for the next step, nq (Nm or N). Written by the caller before `step`. */
  readonly tau: Float64Array;
  /** Implicit joint damping (Nm·s/rad) and stiffness (Nm/rad) the actuators add at the joints, nq, added to M's diagonal. */
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly object_count: number;
  step(): void;
  /** Object state in scene order into `out` at `offset`: position 3, quaternion xyzw 4, linear velocity 3, angular velocity 3. */
  objectState(index: number, out: Float64Array, offset: number): void;
  /** Pose of robot body b: rotation row-major 9 and position 3 in the world, into `out`. */
  bodyPose(body: number, out: Float64Array): void;
  /** Force of contacts and pushes on hand and fingers (N) and torque about the tool frame (Nm) at the last step, world axes, into `out` (6). */
  handWrench(out: Float64Array): void;
  /** Bodies by the numbers contacts use: 0 the fixed world, then the objects in scene order, then the robot's bodies. */
  readonly body_names: readonly string[];
  /** Contact points with force at the last step. */
  readonly contact_count: number;
  /** Contact point k of the last step into `out`. */
  contact(k: number, out: ContactPoint): void;
  /** True if a contact with force joins the hand or a finger to the object, at the last step. */
  handTouches(object: number): boolean;
  /** Throws InvalidStateError if the state is no longer finite, or has come apart: faster or deeper than a scene can be. */
  assertFinite(): void;
  setRobotState(q: Float64Array, v: Float64Array): void;
  /** Puts an object where `state` (13 from `offset`, as objectState gives it) says. Throws InputError for what is no state. */
  setObjectState(index: number, state: ArrayLike<number>, offset?: number): void;
  /** Adds a force (N) and a torque about the centre of mass (Nm), world axes, on an object, for the next step alone. */
  pushObject(index: number, wrench: ArrayLike<number>): void;
  /** Adds a force (N) and a torque about the body frame's origin (Nm), world axes, on robot body b, for the next step alone. */
  pushBody(body: number, wrench: ArrayLike<number>): void;
  /** For the next step alone, friction between the robot and the objects counts by this share: 1 all of it, 0 none. */
  slickenHand(share: number): void;
  /** Everything that the next steps depend on, contact memory and actuator inputs included. */
  saveState(): Float64Array;
  /** Goes on from a saved state of an engine built from the same models: the same steps give the same bytes. */
  loadState(state: Float64Array): void;
  /** Gives back memory that JavaScript does not collect; the engine cannot be used any more. Engines without such have none. */
  dispose?(): void;
}

/** What cameras see of a world: where the robot's bodies and the objects are. */
export type WorldPoses = Pick<PhysicsEngine, 'bodyPose' | 'objectState'>;

/** One contact point; the caller owns and keeps it. World frame, SI units. */
export interface ContactPoint {
  /** Numbers of the two bodies, as in `body_names`. */
  a: number;
  b: number;
  readonly position: Float64Array;
  /** Unit normal from a to b. */
  readonly normal: Float64Array;
  /** Force on b (N), friction included. */
  readonly force: Float64Array;
  /** Overlap (m), positive when the bodies overlap. */
  depth_m: number;
}

export function createContactPoint(): ContactPoint {
  return {
    a: 0,
    b: 0,
    position: new Float64Array(3),
    normal: new Float64Array(3),
    force: new Float64Array(3),
    depth_m: 0,
  };
}
