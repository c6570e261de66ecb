import type { Colour, ConvexMesh, ObjectClass, Pose, Shape, TriangleMesh, Vector3 } from '../contracts/index.ts';

/** How a surface looks to the cameras; sRGB 0..1. */
export interface Appearance {
  readonly rgb: Vector3;
  /** A pattern over the paint; none by default. */
  readonly texture?: SurfaceTexture;
}

/** Procedural pattern of a surface: mixes the paint with `rgb` by a function of position in the shape's own frame. */
export interface SurfaceTexture {
  readonly kind: 'checker' | 'stripes' | 'noise' | 'spot';
  readonly rgb: Vector3;
  /** Length of a period, of a grain, or the radius of the spot (m). */
  readonly scale_m: number;
  /** Shift of the pattern, or the centre of the spot, in the shape's frame (m). */
  readonly offset_m: Vector3;
  /** How much of `rgb` is mixed in where the pattern is full, 0..1. */
  readonly strength: number;
}

/** One movable object as it is spawned; pose of its shape's centre, frame world (the robot's base). */
export interface SceneObject extends Appearance {
  readonly name: string;
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly shape: Shape | ConvexMesh;
  /** What cameras see of it, in the shape's frame; the shape itself by default. */
  readonly visual?: TriangleMesh;
  readonly mass_kg: number;
  /** Centre of mass in the shape's frame (m); that of a homogeneous solid by default. */
  readonly com_m?: Vector3;
  /** Inertia about the centre of mass, shape axes: xx yy zz xy xz yz; that of a homogeneous solid by default. */
  readonly inertia_kg_m2?: readonly number[];
  /** Coulomb coefficient; a pair of bodies has sqrt(μ1 μ2). */
  readonly friction: number;
  readonly pose: Pose;
}

/** A fixed box-shaped piece of furniture: the table, or a wall or floor of a bin or tray. */
export interface SceneFixture extends Appearance {
  readonly size: Vector3;
  readonly pose: Pose;
  readonly friction: number;
}

/** A target zone, a flat disc or rectangle painted on the table; no body. */
export interface SceneZone {
  readonly position: Vector3;
  /** Radius of a disc; or the full sizes along x and y of a rectangle. */
  readonly radius_m?: number;
  readonly size_m?: readonly [number, number];
  readonly rgb: Vector3;
}

/** Light of the room: a key light from `key_direction` (towards the light), and light from everywhere. 1 is the nominal strength. */
export interface SceneLight {
  readonly key_direction: Vector3;
  readonly key: number;
  readonly ambient: number;
  readonly rgb: Vector3;
  /** Whether the key light casts shadows; true by default. A scene without a SceneLight has none. */
  readonly shadows?: boolean;
}

/** Height of the floor's top, on which objects land when they fall off the table (m, frame world). */
export const FLOOR_Z_M = -0.75;

/** Everything a physics engine and a renderer need to build the same world; immutable. */
export interface SceneModel {
  readonly table: SceneFixture;
  readonly fixtures?: readonly SceneFixture[];
  readonly objects: readonly SceneObject[];
  readonly zones: readonly SceneZone[];
  readonly finger_friction: number;
  readonly light?: SceneLight;
}
