import type { Shape, Vector3 } from '../../contracts/index.ts';
import { createContactPoint, type PhysicsEngine } from '../engine.ts';
import type { SceneFixture, SceneModel, SceneObject } from '../scene.ts';

export const G_M_S2 = 9.81;

export interface ItemOptions {
  readonly mass_kg?: number;
  readonly friction?: number;
  /** Quaternion xyzw. */
  readonly orientation?: readonly [number, number, number, number];
}

/** An object at `position` (m, frame world); 0.1 kg and friction 0.6 unless told otherwise. */
export function item(shape: Shape, position: Vector3, options: ItemOptions = {}): SceneObject {
  return {
    name: shape.type,
    class: shape.type === 'box' ? 'box' : 'cylinder',
    colour: 'red',
    shape,
    mass_kg: options.mass_kg ?? 0.1,
    friction: options.friction ?? 0.6,
    pose: { position, orientation: options.orientation ?? [0, 0, 0, 1] },
    rgb: [1, 0, 0],
  };
}

export interface TableOptions {
  readonly friction?: number;
  /** Angle by which it falls towards +x (rad); its top goes through the origin. */
  readonly tilt_rad?: number;
}

const TABLE_HALF_M = 0.025;

/** Objects over a square table of 8 m whose top is at z = 0; finger friction as given. */
export function sceneOf(
  objects: readonly SceneObject[],
  options: TableOptions = {},
  finger_friction = 0.6,
): SceneModel {
  const tilt = options.tilt_rad ?? 0;
  const table: SceneFixture = {
    size: [8, 8, 2 * TABLE_HALF_M],
    pose: {
      position: [-Math.sin(tilt) * TABLE_HALF_M, 0, -Math.cos(tilt) * TABLE_HALF_M],
      orientation: [0, Math.sin(tilt / 2), 0, Math.cos(tilt / 2)],
    },
    friction: options.friction ?? 0.6,
    rgb: [1, 1, 1],
  };
  return { table, objects, zones: [], finger_friction };
}

/** A point `height_m` over the top of a table tilted by `tilt_rad`, at `along_m` down the slope, and the slope's turn. */
export function onSlope(
  tilt_rad: number,
  along_m: number,
  height_m: number,
): [Vector3, [number, number, number, number]] {
  const [c, s] = [Math.cos(tilt_rad), Math.sin(tilt_rad)];
  return [
    [c * along_m + s * height_m, 0, -s * along_m + c * height_m],
    [0, Math.sin(tilt_rad / 2), 0, Math.cos(tilt_rad / 2)],
  ];
}

const STATE = 13;

/** State of an object: position 3, quaternion xyzw 4, linear velocity 3, angular velocity 3. */
export function stateOf(engine: PhysicsEngine, index: number): Float64Array {
  const state = new Float64Array(STATE);
  engine.objectState(index, state, 0);
  return state;
}

/** Sets an object in motion where it is (m/s, rad/s, world axes). */
export function launch(engine: PhysicsEngine, index: number, velocity: Vector3, spin: Vector3 = [0, 0, 0]): void {
  const state = stateOf(engine, index);
  state.set(velocity, 7);
  state.set(spin, 10);
  engine.setObjectState(index, state);
}

export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Sum of the contact forces on body `on` from body `from` at the last step (N, world axes); numbers as in body_names. */
export function contactForce(engine: PhysicsEngine, on: number, from: number): [number, number, number] {
  const point = createContactPoint();
  const sum: [number, number, number] = [0, 0, 0];
  for (let k = 0; k < engine.contact_count; k++) {
    engine.contact(k, point);
    const sign = point.b === on && point.a === from ? 1 : point.a === on && point.b === from ? -1 : 0;
    for (let i = 0; i < 3; i++) sum[i] += sign * point.force[i];
  }
  return sum;
}

/** Deepest overlap of any two bodies at the last step, m. */
export function deepest(engine: PhysicsEngine): number {
  const point = createContactPoint();
  let depth_m = 0;
  for (let k = 0; k < engine.contact_count; k++) {
    engine.contact(k, point);
    depth_m = Math.max(depth_m, point.depth_m);
  }
  return depth_m;
}
