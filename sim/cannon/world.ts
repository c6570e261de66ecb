import { Body, Box, Constraint, ContactMaterial, Equation, Material, Shape, Sphere, Vec3, World } from 'cannon-es';
import { type ConvexMesh, meshBounds, type Shape as Primitive } from '../../contracts/index.ts';
import {
  GRAVITY,
  multiplyQuaternions,
  quaternionFromMatrix,
  quaternionToMatrix,
  rotateInverse,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type ObjectInertia, objectInertia } from '../object_inertia.ts';
import { FLOOR_Z_M, type SceneModel } from '../scene.ts';
import { type ColliderSpec, Colliders } from './colliders.ts';
import { Contacts } from './contacts.ts';
import { RoundCylinder } from './extensions.ts';
import { Manifold } from './manifold.ts';
import { RigidObject } from './rigid_object.ts';

/** Gap up to which contacts are prepared: what 1 m/s closes in 2 ms. */
const MARGIN_M = 0.002;
/** Half thickness of the floor, m. */
const FLOOR_HALF_M = 0.5;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** A scene as cannon has it, and everything in it that can touch. */
export interface CannonWorld {
  readonly world: World;
  /** The objects, in scene order; a body's frame is at its centre of mass, along its principal axes of inertia. */
  readonly objects: readonly Body[];
  /** Centre of mass of each object from its shape's origin, body axes, 3 each (m). */
  readonly com: Float64Array;
  /** Orientation of each object's body in its shape's frame, quaternion xyzw, 4 each. */
  readonly turn: Float64Array;
  /** Colliders in order: table, fixtures, floor, root link, objects, links. */
  readonly colliders: Colliders;
  readonly first_object: number;
  readonly contacts: Contacts;
}

/**
 * Builds the world of a scene. Links touch the objects, and all but the root link and those on it touch table and
 * fixtures; links do not touch each other. Objects touch everything.
 */
export function buildWorld(robot: Robot, scene: SceneModel): CannonWorld {
  const { model } = robot;
  const count = scene.objects.length;
  resetIds();
  const world = new World({ gravity: new Vec3(...GRAVITY) });
  const furniture = [scene.table, ...(scene.fixtures ?? [])];
  for (const { size, pose } of furniture) {
    const body = new Body({ mass: 0, shape: cannonShape({ type: 'box', size }) });
    body.position.set(...pose.position);
    body.quaternion.set(...pose.orientation);
    world.addBody(body);
  }
  const inertias = scene.objects.map(objectInertia);
  const com = Float64Array.from(inertias.flatMap((inertia) => rotateInverse(inertia.axes, inertia.com)));
  const turn = Float64Array.from(inertias.flatMap(({ axes }) => quaternionFromMatrix(axes)));
  const orientation = [0, 0, 0, 1];
  const objects = scene.objects.map((object, i) => {
    const body = new RigidObject({ mass: object.mass_kg, shape: cannonShape(object.shape) });
    multiplyQuaternions(object.pose.orientation, 0, turn, 4 * i, orientation);
    body.quaternion.set(orientation[0], orientation[1], orientation[2], orientation[3]);
    const arm = new Vec3(com[3 * i], com[3 * i + 1], com[3 * i + 2]);
    body.position.set(...object.pose.position).vadd(body.quaternion.vmult(arm), body.position);
    body.linearDamping = 0;
    body.angularDamping = 0;
    body.updateMassProperties();
    setInertia(body, inertias[i]);
    world.addBody(body);
    return body;
  });

  const specs: ColliderSpec[] = furniture.map(({ size, pose, friction }) => {
    const R = new Float64Array(9);
    quaternionToMatrix(pose.orientation, 0, R);
    return { shape: { type: 'box', size }, rigid: 0, R, p: pose.position, friction };
  });
  specs.push({
    shape: { type: 'box', size: [20, 20, 2 * FLOOR_HALF_M] },
    rigid: 0,
    R: IDENTITY,
    p: [0, 0, FLOOR_Z_M - FLOOR_HALF_M],
    friction: scene.table.friction,
  });
  const add = (body: number) => {
    for (const { shape, R, p } of model.collision.filter((item) => item.body === body)) {
      specs.push({ shape, rigid: body < 0 ? 0 : 1 + count + body, R, p, friction: scene.finger_friction });
    }
  };
  add(-1);
  const first_object = specs.length;
  scene.objects.forEach(({ shape, friction }, i) => {
    const R = [0, 3, 6, 1, 4, 7, 2, 5, 8].map((k) => inertias[i].axes[k]);
    specs.push({ shape, rigid: 1 + i, R, p: com.subarray(3 * i, 3 * i + 3).map((x) => -x), friction });
  });
  const first_link = specs.length;
  for (let body = 0; body < model.nb; body++) add(body);

  const pairs: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const object = first_object + i;
    for (let before = 0; before < object; before++) pairs.push([before, object]);
  }
  for (let k = first_link; k < specs.length; k++) {
    const body = specs[k].rigid - 1 - count;
    if (model.parent[body] >= 0) furniture.forEach((_, fixed) => void pairs.push([fixed, k]));
    for (let i = 0; i < count; i++) pairs.push([k, first_object + i]);
  }
  const colliders = new Colliders(specs, 1 + count + model.nb);
  colliders.update();
  const contacts = new Contacts(colliders, pairs, 1 + count, furniture.length, MARGIN_M, new Manifold());
  return { world, objects, com, turn, colliders, first_object, contacts };
}

/** Cannon counts these up for the whole process; a fresh world starts them over. */
function resetIds(): void {
  for (const counted of [Body, Shape, Material, ContactMaterial, Equation, Constraint]) counted.idCounter = 0;
}

/** Cannon moves bodies and never looks at their shapes; of a mesh it is told a ball. */
function cannonShape(shape: Primitive | ConvexMesh): Shape {
  if (shape.type === 'mesh') return new Sphere(Math.hypot(...meshBounds(shape).upper));
  if (shape.type === 'box') return new Box(new Vec3(shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2));
  if (shape.type === 'cylinder') return new RoundCylinder(shape.radius, shape.length);
  return new Sphere(shape.radius);
}

/** Cannon's own takes the bounding box in the world's axes. */
function setInertia(body: Body, { moments: [x, y, z] }: ObjectInertia): void {
  body.inertia.set(x, y, z);
  body.invInertia.set(1 / x, 1 / y, 1 / z);
  body.updateInertiaWorld(true);
}
