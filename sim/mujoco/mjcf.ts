import type { ConvexMesh, Pose, Shape } from '../../contracts/index.ts';
import { GRAVITY, quaternionFromMatrix, type RobotModel } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { objectInertia } from '../object_inertia.ts';
import { FLOOR_Z_M, type SceneModel, type SceneObject } from '../scene.ts';
import { MUJOCO_CONTACT, type MujocoContactOptions, STIFF, STUCK } from './contact_parameters.ts';
import { element } from './xml.ts';

export interface MjcfOptions {
  readonly dt_s: number;
  /** Rotor inertia seen at the coordinates, nq (kg m² or kg). Default none. */
  readonly armature?: ArrayLike<number>;
  readonly contact?: Partial<MujocoContactOptions>;
  /** Room for the contacts and constraints of a step (bytes). */
  readonly memory_bytes?: number;
  /** Fingertips that give way: time constant (s) of their contacts with objects, and their impedance; stiff by default. */
  readonly pads?: { readonly time_constant_s: number; readonly impedance: number };
  /** Joints whose dry friction holds still, as a stiff constraint; by default they creep under less than it. */
  readonly sticking?: boolean;
}

/** Enough for some hundred contact points among a dozen objects. */
const MEMORY_BYTES = 4 << 20;

/** Names of bodies and joints in the MJCF: robot body b, its joint, object i. */
export const linkName = (body: number): string => `link${body}`;
export const jointName = (body: number): string => `joint${body}`;
export const objectName = (index: number): string => `object${index}`;

interface Geom {
  readonly name: string;
  readonly friction: number;
  /** Whether it is a finger's. */
  readonly finger?: boolean;
}
type Solid = Shape | ConvexMesh;

const FLOOR_HALF_M = 0.5;
/** Geoms touch only as the pairs say. */
const APART = { contype: 0, conaffinity: 0 };

/**
 * Robot and scene as a MuJoCo model: the same bodies, joints and colliders as the model has, and one explicit pair for
 * every two colliders that may touch, with the coefficient sqrt(μ1 μ2). Links touch the objects, and all but the root
 * link and those on it touch table and fixtures; links do not touch each other. Objects touch everything.
 */
export function writeMjcf(robot: Robot, scene: SceneModel, options: MjcfOptions): string {
  const contact = { ...MUJOCO_CONTACT, ...options.contact };
  const { model } = robot;
  const { solref, solreffriction, solimp } = contact;
  const furniture = [scene.table, ...(scene.fixtures ?? [])];
  const meshes = new Map<ConvexMesh, string>();
  const draw = (name: string, shape: Solid, pose: object) =>
    element('geom', { name, ...geomShape(shape, meshes), ...pose, ...APART });

  const fixed: Geom[] = furniture.map(({ friction }, i) => ({ name: `fixture${i}`, friction }));
  const world = furniture.map(({ size, pose }, i) => draw(fixed[i].name, { type: 'box', size }, placed(pose)));
  const floor: Shape = { type: 'box', size: [20, 20, 2 * FLOOR_HALF_M] };
  world.push(draw('floor', floor, { pos: [0, 0, FLOOR_Z_M - FLOOR_HALF_M] }));
  const still: Geom[] = [...fixed, { name: 'floor', friction: scene.table.friction }];

  const linkGeoms = (body: number): { geoms: Geom[]; drawn: string[] } => {
    const shapes = model.collision.filter((item) => item.body === body);
    const finger = body >= 0 && model.coordinate[body] === robot.gripper?.coordinate;
    const geoms = shapes.map((_, k) => ({ name: `link${body}_${k}`, friction: scene.finger_friction, finger }));
    const drawn = shapes.map(({ shape, p, R }, k) => draw(geoms[k].name, shape, { pos: p, quat: wxyz(R) }));
    return { geoms, drawn };
  };
  const root = linkGeoms(-1);
  const links = Array.from({ length: model.nb }, (_, body) => linkGeoms(body));
  const link = (body: number): string => {
    const children = [...model.parent].flatMap((parent, b) => (parent === body ? [link(b)] : []));
    return linkBody(model, body, options, [...links[body].drawn, ...children]);
  };
  world.push(...root.drawn, ...[...model.parent].flatMap((parent, b) => (parent < 0 ? [link(b)] : [])));
  const objects = scene.objects.map(({ friction }, i): Geom => ({ name: objectName(i), friction }));
  world.push(...scene.objects.map((object, i) => objectBody(object, i, draw(objects[i].name, object.shape, {}))));

  const pairs: (readonly [Geom, Geom])[] = [];
  objects.forEach((object, i) => {
    for (const other of [...still, ...root.geoms, ...objects.slice(0, i)]) pairs.push([other, object]);
  });
  links.forEach(({ geoms }, body) => {
    for (const geom of geoms) {
      if (model.parent[body] >= 0) for (const other of fixed) pairs.push([other, geom]);
      for (const object of objects) pairs.push([geom, object]);
    }
  });
  const soft = { solref, solreffriction, solimp };
  const option = {
    timestep: options.dt_s,
    gravity: GRAVITY,
    integrator: 'discrete',
    cone: 'elliptic',
    impratio: contact.impratio,
    solver: 'Newton',
    iterations: contact.iterations,
    tolerance: contact.tolerance,
    noslip_iterations: contact.noslip_iterations,
  };
  return element('mujoco', { model: model.name }, [
    element('compiler', { angle: 'radian', autolimits: 'false', boundmass: 1e-9, boundinertia: 1e-12 }),
    element('option', option, [element('flag', { autoreset: 'disable', multiccd: 'enable' })]),
    element('size', { memory: options.memory_bytes ?? MEMORY_BYTES }),
    ...(meshes.size === 0
      ? []
      : [
          element(
            'asset',
            {},
            [...meshes].map(([mesh, name]) => meshAsset(mesh, name)),
          ),
        ]),
    element('worldbody', {}, world),
    element(
      'contact',
      {},
      pairs.map(([a, b]) => {
        const mu = Math.sqrt(a.friction * b.friction);
        const friction = [mu, mu, mu * contact.torsional_m, mu * contact.rolling_m, mu * contact.rolling_m];
        const condim = contact.rolling_m > 0 ? 6 : contact.torsional_m > 0 ? 4 : 3;
        const given = a.finger === true && options.pads !== undefined ? { ...soft, ...padContact(options.pads) } : soft;
        return element('pair', { geom1: a.name, geom2: b.name, condim, friction, ...given });
      }),
    ),
    element(
      'equality',
      {},
      mimics(model).map((attributes) => element('joint', { ...attributes, ...STIFF })),
    ),
  ]);
}

/** Critically damped, and alike at every depth. */
function padContact({ time_constant_s, impedance }: NonNullable<MjcfOptions['pads']>): object {
  return { solref: [time_constant_s, 1], solimp: [impedance, impedance, 0.001] };
}

/** A coordinate's actuator, damping and inertia are shared by the bodies it moves, as their part of Σ multiplier². */
export function driveShares(model: RobotModel): Float64Array {
  const sum = new Float64Array(model.nq);
  for (let b = 0; b < model.nb; b++) sum[model.coordinate[b]] += model.multiplier[b] ** 2;
  return Float64Array.from({ length: model.nb }, (_, b) => 1 / sum[model.coordinate[b]]);
}

/** Body that moves exactly as coordinate i does. */
function leaderOf(model: RobotModel, i: number): number {
  return model.coordinate.findIndex((c, b) => c === i && model.multiplier[b] === 1 && model.offset[b] === 0);
}

function linkBody(model: RobotModel, b: number, { armature, sticking }: MjcfOptions, inside: string[]): string {
  const { mass, com, inertia, axis, joint_type, coordinate, multiplier, offset } = model;
  const i = coordinate[b];
  const share = driveShares(model)[b];
  const reach = [model.position_lower[i], model.position_upper[i]].map((x) => multiplier[b] * x + offset[b]);
  const limited = reach.every(Number.isFinite);
  const joint = element('joint', {
    name: jointName(b),
    type: joint_type[b] === 1 ? 'slide' : 'hinge',
    axis: axis.subarray(3 * b, 3 * b + 3),
    damping: share * model.damping[i],
    frictionloss: share * model.friction[i] * Math.abs(multiplier[b]),
    armature: share * (armature?.[i] ?? 0),
    ...(sticking === true ? { solreffriction: STUCK.solref, solimpfriction: STUCK.solimp } : {}),
    ...(limited
      ? { limited: 'true', range: reach.sort((x, y) => x - y), solreflimit: STIFF.solref, solimplimit: STIFF.solimp }
      : {}),
  });
  const inertial = element('inertial', {
    pos: com.subarray(3 * b, 3 * b + 3),
    mass: mass[b],
    fullinertia: inertia.subarray(6 * b, 6 * b + 6),
  });
  const pose = {
    pos: model.tree_p.subarray(3 * b, 3 * b + 3),
    quat: wxyz(model.tree_R.subarray(9 * b, 9 * b + 9)),
  };
  return element('body', { name: linkName(b), ...pose }, [inertial, joint, ...inside]);
}

function objectBody(object: SceneObject, index: number, geom: string): string {
  const { com, inertia } = objectInertia(object);
  const diagonal = inertia.slice(3).every((x) => x === 0);
  const about = diagonal ? { diaginertia: inertia.slice(0, 3) } : { fullinertia: inertia };
  const inertial = element('inertial', { pos: com, mass: object.mass_kg, ...about });
  return element('body', { name: objectName(index), ...placed(object.pose) }, [
    element('freejoint', {}),
    inertial,
    geom,
  ]);
}

/** Equality constraints that hold the bodies of a coordinate together. */
function mimics(model: RobotModel): { joint1: string; joint2: string; polycoef: number[] }[] {
  return Array.from({ length: model.nb }, (_, b) => b).flatMap((b) => {
    const leader = leaderOf(model, model.coordinate[b]);
    if (leader === b) return [];
    const polycoef = [model.offset[b], model.multiplier[b], 0, 0, 0];
    return [{ joint1: jointName(b), joint2: jointName(leader), polycoef }];
  });
}

function geomShape(shape: Solid, meshes: Map<ConvexMesh, string>): Record<string, string | readonly number[]> {
  switch (shape.type) {
    case 'box':
      return { type: 'box', size: shape.size.map((x) => x / 2) };
    case 'cylinder':
      return { type: 'cylinder', size: [shape.radius, shape.length / 2] };
    case 'sphere':
      return { type: 'sphere', size: [shape.radius] };
    case 'mesh': {
      const name = meshes.get(shape) ?? `mesh${meshes.size}`;
      meshes.set(shape, name);
      return { type: 'mesh', mesh: name };
    }
  }
}

function meshAsset({ vertices, triangles }: ConvexMesh, name: string): string {
  return element('mesh', { name, vertex: vertices, face: triangles });
}

function placed({ position, orientation: [x, y, z, w] }: Pose): { pos: readonly number[]; quat: readonly number[] } {
  return { pos: position, quat: [w, x, y, z] };
}

function wxyz(R: ArrayLike<number>): readonly number[] {
  const [x, y, z, w] = quaternionFromMatrix(R);
  return [w, x, y, z];
}
