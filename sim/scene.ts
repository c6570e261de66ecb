import type { Colour, ObjectClass, Pose, Shape, Vector3 } from '../contracts/index.ts';

/** One movable object as it is spawned; pose of its shape's centre, frame world (the robot's base). */
export interface SceneObject {
  readonly name: string;
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly shape: Shape;
  readonly mass_kg: number;
  /** Coulomb coefficient; a pair of bodies has sqrt(μ1 μ2). */
  readonly friction: number;
  readonly pose: Pose;
  /** sRGB 0..1, what the cameras see. */
  readonly rgb: Vector3;
}

/** A fixed box-shaped piece of furniture. */
export interface SceneTable {
  readonly size: Vector3;
  readonly pose: Pose;
  readonly friction: number;
  readonly rgb: Vector3;
}

/** The target zone, a flat disc painted on the table; no body. */
export interface SceneZone {
  readonly position: Vector3;
  readonly radius_m: number;
  readonly rgb: Vector3;
}

/** Height of the floor's top, on which objects land when they fall off the table (m, frame world). */
export const FLOOR_Z_M = -0.75;

/** Everything a physics engine and a renderer need to build the same world; immutable. */
export interface SceneModel {
  readonly table: SceneTable;
  readonly objects: readonly SceneObject[];
  readonly zone: SceneZone;
  readonly finger_friction: number;
}
