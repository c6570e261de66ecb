import { type ConvexMesh, InputError, type Pose, type Shape } from '../contracts/index.ts';
import { forwardKinematics, quaternionToMatrix, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { Contacts } from './cannon/contacts.ts';
import { buildWorld, type CannonWorld } from './cannon/world.ts';
import { InvalidStateError } from './engine.ts';
import type { SceneModel } from './scene.ts';

/** Overlap at the start that contact still takes back gently, m. */
const MOST_OVERLAP_M = 1e-3;
/** How far a quaternion's norm may be from 1. */
const UNIT = 1e-6;

/** What of an engine's options can be impossible. */
export interface CheckedOptions {
  readonly dt_s?: number;
  readonly armature?: ArrayLike<number>;
}

/**
 * What every engine's factory asks before it builds: throws InputError for parameters no world has, InvalidStateError
 * for bodies that begin inside each other: objects in objects, table, fixtures or the robot at home, and the robot in
 * fixtures. Each is named, with value and limit.
 */
export function checkScene(robot: Robot, scene: SceneModel, options: CheckedOptions = {}): void {
  checkParameters(scene, options);
  const world = buildWorld(robot, scene);
  place(robot, world);
  checkSpawns(robot, scene, world.contacts);
}

/** The part of `checkScene` that needs no world. */
export function checkParameters(scene: SceneModel, { dt_s = 0.002, armature = [] }: CheckedOptions): void {
  if (!(dt_s > 0) || !Number.isFinite(dt_s)) refuse(`dt_s ${dt_s}`, 'a finite number above 0');
  for (let i = 0; i < armature.length; i++) {
    if (!atLeastZero(armature[i])) refuse(`armature ${armature[i]} of joint ${i}`, 'at least 0');
  }
  if (!atLeastZero(scene.finger_friction)) refuse(`finger_friction ${scene.finger_friction}`, 'at least 0');
  const furniture = [scene.table, ...(scene.fixtures ?? [])];
  furniture.forEach(({ size, pose, friction }, i) => {
    const name = fixedName(i);
    checkShape(name, { type: 'box', size });
    checkPose(name, pose);
    if (!atLeastZero(friction)) refuse(`${name} friction ${friction}`, 'at least 0');
  });
  scene.objects.forEach(({ name: own, shape, mass_kg, friction, pose, com_m, inertia_kg_m2 }, i) => {
    const name = `object ${i} (${own})`;
    if (!(mass_kg > 0) || !Number.isFinite(mass_kg)) refuse(`${name} mass_kg ${mass_kg}`, 'a finite number above 0');
    if (!atLeastZero(friction)) refuse(`${name} friction ${friction}`, 'at least 0');
    checkShape(name, shape);
    checkPose(name, pose);
    if (com_m && !com_m.every(Number.isFinite)) refuse(`${name} com_m ${com_m.join(' ')}`, 'finite numbers');
    if (inertia_kg_m2 && !isInertia(inertia_kg_m2)) {
      refuse(`${name} inertia ${inertia_kg_m2.join(' ')}`, 'positive definite: that of a body of mass');
    }
  });
}

/** Throws InputError unless position and velocities are finite and the quaternion is one; 13 numbers from `at` on. */
export function checkObjectState(name: string, state: ArrayLike<number>, at: number): void {
  let square = 0;
  for (let k = 0; k < 13; k++) {
    if (!Number.isFinite(state[at + k])) refuse(`state of ${name}: entry ${k} is ${state[at + k]}`, 'finite numbers');
    if (k >= 3 && k < 7) square += state[at + k] * state[at + k];
  }
  if (Math.abs(square - 1) > 2 * UNIT) refuse(`state of ${name}: quaternion of norm ${Math.sqrt(square)}`, 'must be 1');
}

function checkPose(name: string, { position, orientation }: Pose): void {
  if (!position.every(Number.isFinite)) refuse(`${name} position ${position.join(' ')}`, 'finite numbers');
  const norm = Math.hypot(...orientation);
  if (!(Math.abs(norm - 1) <= UNIT)) refuse(`${name} orientation of norm ${norm}`, 'a unit quaternion');
}

function checkShape(name: string, shape: Shape | ConvexMesh): void {
  const sizes = shapeSizes(shape);
  if (!sizes.every((x) => x > 0 && Number.isFinite(x))) {
    refuse(`${name} size ${sizes.join(' ')}`, 'finite numbers above 0');
  }
}

function shapeSizes(shape: Shape | ConvexMesh): readonly number[] {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'cylinder':
      return [shape.radius, shape.length];
    case 'sphere':
      return [shape.radius];
    case 'mesh': {
      const extent = (k: number) => {
        const own = shape.vertices.filter((_, i) => i % 3 === k);
        return own.reduce((a, b) => Math.max(a, b), -Infinity) - own.reduce((a, b) => Math.min(a, b), Infinity);
      };
      return shape.vertices.every(Number.isFinite) ? [0, 1, 2].map(extent) : [Number.NaN];
    }
  }
}

/** Leading minors of the tensor xx yy zz xy xz yz above 0. */
function isInertia(inertia: readonly number[]): boolean {
  const [xx, yy, zz, xy, xz, yz] = inertia;
  const determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  return inertia.length === 6 && inertia.every(Number.isFinite) && xx > 0 && xx * yy > xy * xy && determinant > 0;
}

function atLeastZero(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

function refuse(what: string, allowed: string): never {
  throw new InputError(`physics scene: ${what}`, allowed);
}

/** The part of `checkScene` that looks at a world as it begins; leaves no contacts in it. */
export function checkSpawns(robot: Robot, scene: SceneModel, contacts: Contacts): void {
  const { colliders, pair_a, pair_b } = contacts;
  const isLink = (collider: number) => colliders.rigid[collider] > scene.objects.length;
  contacts.findCandidates();
  contacts.findContacts();
  let worst = MOST_OVERLAP_M;
  let pair = -1;
  for (let patch = 0; patch < contacts.patches; patch++) {
    const k = contacts.patch_pair[patch];
    // What stands on the root link may stand in the table.
    if ((isLink(pair_a[k]) && pair_b[k] === 0) || (isLink(pair_b[k]) && pair_a[k] === 0)) continue;
    for (let i = 0; i < contacts.patch_points[patch]; i++) {
      const depth = -contacts.gap[contacts.patch_first[patch] + i];
      if (depth <= worst) continue;
      worst = depth;
      pair = k;
    }
  }
  contacts.patches = 0;
  contacts.points = 0;
  if (pair < 0) return;
  const name = (collider: number) => {
    const rigid = colliders.rigid[collider];
    if (rigid > scene.objects.length) return robot.model.body_joint_names[rigid - 1 - scene.objects.length];
    if (rigid > 0) return `object ${rigid - 1} (${scene.objects[rigid - 1].name})`;
    return fixedName(collider, 1 + (scene.fixtures?.length ?? 0), robot.model.root_link);
  };
  const pairs = [pair_a[pair], pair_b[pair]].sort((a, b) => b - a).map(name);
  const limit = `at most ${1000 * MOST_OVERLAP_M}`;
  throw new InvalidStateError(
    `physics scene, step 0: ${pairs.join(' and ')} begin ${(1000 * worst).toFixed(1)} mm in each other; ${limit}`,
  );
}

/** Puts the robot at home and the objects where they are spawned. */
function place(robot: Robot, { colliders, objects }: CannonWorld): void {
  const { rigid_R, rigid_p } = colliders;
  const data = new RobotData(robot.model);
  forwardKinematics(robot.model, data, robot.home_q);
  objects.forEach(({ position, quaternion }, k) => {
    quaternionToMatrix(quaternion.toArray(), 0, rigid_R, 9 + 9 * k);
    rigid_p.set(position.toArray(), 3 + 3 * k);
  });
  rigid_R.set(data.R, 9 * (1 + objects.length));
  rigid_p.set(data.p, 3 * (1 + objects.length));
  colliders.update();
}

function fixedName(collider: number, furniture = Infinity, root = ''): string {
  if (collider === 0) return 'table';
  if (collider < furniture) return `fixture ${collider - 1}`;
  return collider === furniture ? 'floor' : root;
}
