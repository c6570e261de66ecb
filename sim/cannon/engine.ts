import { Body, Box, Constraint, ContactMaterial, Equation, Material, Shape, Sphere, Vec3, World } from 'cannon-es';
import type { Shape as Primitive } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  GRAVITY,
  quaternionToMatrix,
  RobotData,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { InvalidStateError, type PhysicsEngine } from '../engine.ts';
import { FLOOR_Z_M, type SceneModel } from '../scene.ts';
import { type ColliderSpec, Colliders } from './colliders.ts';
import { CONTACT, type ContactOptions } from './contact_options.ts';
import { Contacts } from './contacts.ts';
import { PairListBroadphase, PatchNarrowphase, RoundCylinder } from './extensions.ts';
import { Manifold } from './manifold.ts';
import { PatchSolver } from './patch_solver.ts';

export interface CannonOptions {
  /** Length of a step, s. Default 0.002. */
  readonly dt_s?: number;
  /** Rotor inertia seen at the joints, nq (kg m² or kg). Default none. */
  readonly armature?: ArrayLike<number>;
  readonly contact?: Partial<ContactOptions>;
}

/** Gap up to which contacts are prepared: what 1 m/s closes in 2 ms. */
const MARGIN_M = 0.002;
/** Half thickness of the floor, m. */
const FLOOR_HALF_M = 0.5;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * A cannon-es world with a robot in reduced coordinates. Cannon holds the table and the objects, gravity and
 * integration; its broadphase, narrowphase and solver are replaced (see PatchSolver), and only they know the robot's
 * links. Links touch the objects, and all but the root link and those on it touch the table; links do not touch each
 * other. Objects touch the table, each other and a floor at FLOOR_Z_M. Nothing else joins an object to the robot.
 */
export class CannonEngine implements PhysicsEngine {
  readonly name = 'cannon';
  readonly dt_s: number;
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly object_count: number;
  readonly world: World;
  /** The objects, in scene order. */
  readonly objects: readonly Body[];
  readonly contacts: Contacts;
  readonly solver: PatchSolver;
  readonly data: RobotData;
  private readonly robot: Robot;
  private readonly colliders: Colliders;
  /** Colliders are in order: table, fixtures, floor, root link, objects, links. */
  private readonly first_object: number;
  private readonly tool_frame: number;
  private readonly tool = new Float64Array(12);
  private readonly pose = new Float64Array(4);
  /** 1 for every rigid body that is the hand or a finger. */
  private readonly is_hand: Uint8Array;
  private step_count = 0;

  constructor(robot: Robot, scene: SceneModel, options: CannonOptions = {}) {
    const { model } = robot;
    const { nq, nb } = model;
    const objects = scene.objects.length;
    this.robot = robot;
    this.dt_s = options.dt_s ?? 0.002;
    this.object_count = objects;
    this.data = new RobotData(model);
    this.q = Float64Array.from(robot.home_q);
    this.v = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.implicit_damping = new Float64Array(nq);
    this.implicit_stiffness = new Float64Array(nq);
    this.tool_frame = frameIndex(model, robot.tcp_frame);

    resetIds();
    this.world = new World({ gravity: new Vec3(...GRAVITY) });
    const furniture = [scene.table, ...(scene.fixtures ?? [])];
    for (const { size, pose } of furniture) {
      const body = new Body({ mass: 0, shape: cannonShape({ type: 'box', size }) });
      body.position.set(...pose.position);
      body.quaternion.set(...pose.orientation);
      this.world.addBody(body);
    }
    this.objects = scene.objects.map((object) => {
      const body = new Body({ mass: object.mass_kg, shape: cannonShape(object.shape) });
      body.position.set(...object.pose.position);
      body.quaternion.set(...object.pose.orientation);
      body.linearDamping = 0;
      body.angularDamping = 0;
      body.updateMassProperties();
      setInertia(body, object.shape, object.mass_kg);
      this.world.addBody(body);
      return body;
    });
    const floor: Primitive = { type: 'box', size: [20, 20, 2 * FLOOR_HALF_M] };
    const specs: ColliderSpec[] = furniture.map(({ size, pose, friction }) => {
      const R = new Float64Array(9);
      quaternionToMatrix(pose.orientation, 0, R);
      return { shape: { type: 'box', size }, rigid: 0, R, p: pose.position, friction };
    });
    specs.push({
      shape: floor,
      rigid: 0,
      R: IDENTITY,
      p: [0, 0, FLOOR_Z_M - FLOOR_HALF_M],
      friction: scene.table.friction,
    });
    const add = (body: number) => {
      for (const { shape, R, p } of model.collision.filter((item) => item.body === body)) {
        specs.push({ shape, rigid: body < 0 ? 0 : 1 + objects + body, R, p, friction: scene.finger_friction });
      }
    };
    add(-1);
    this.first_object = specs.length;
    scene.objects.forEach(({ shape, friction }, i) => {
      specs.push({ shape, rigid: 1 + i, R: IDENTITY, p: [0, 0, 0], friction });
    });
    const first_link = specs.length;
    for (let body = 0; body < nb; body++) add(body);

    const pairs: [number, number][] = [];
    for (let i = 0; i < objects; i++) {
      const object = this.first_object + i;
      for (let fixed = 0; fixed < object; fixed++) pairs.push([fixed, object]);
    }
    for (let k = first_link; k < specs.length; k++) {
      const body = specs[k].rigid - 1 - objects;
      if (model.parent[body] >= 0) furniture.forEach((_, fixed) => void pairs.push([fixed, k]));
      for (let i = 0; i < objects; i++) pairs.push([k, this.first_object + i]);
    }
    this.colliders = new Colliders(specs, 1 + objects + nb);
    this.contacts = new Contacts(this.colliders, pairs, 1 + objects, MARGIN_M, new Manifold());
    const armature = Float64Array.from({ length: nq }, (_, i) => options.armature?.[i] ?? 0);
    const { q, v, tau, implicit_damping, implicit_stiffness } = this;
    this.solver = new PatchSolver(
      this.data,
      { q, v, tau, implicit_damping, implicit_stiffness, armature },
      this.objects,
      this.contacts,
      { ...CONTACT, ...options.contact },
    );
    this.world.broadphase = new PairListBroadphase(this.contacts);
    this.world.broadphase.setWorld(this.world);
    this.world.narrowphase = new PatchNarrowphase(this.world, this.contacts);
    this.world.solver = this.solver;

    this.is_hand = new Uint8Array(1 + objects + nb);
    const hand = this.tool_frame < 0 ? -1 : model.frames[this.tool_frame].body;
    for (let body = 0; body < nb; body++) {
      const carried =
        body === hand || (model.parent[body] >= 0 && this.is_hand[1 + objects + model.parent[body]] === 1);
      this.is_hand[1 + objects + body] = carried ? 1 : 0;
    }
    this.colliders.update();
    this.place();
  }

  get steps(): number {
    return this.step_count;
  }

  step(): void {
    const { q, v, tau } = this;
    let sum = 0;
    for (let i = 0; i < q.length; i++) sum += q[i] + v[i] + tau[i];
    if (!Number.isFinite(sum)) this.assertFinite();
    this.world.step(this.dt_s);
    this.step_count++;
    this.place();
  }

  setRobotState(q: Float64Array, v: Float64Array): void {
    this.q.set(q);
    this.v.set(v);
    this.solver.reset();
    this.place();
  }

  /** Puts an object somewhere else; position (m) and quaternion xyzw. It is then at rest. */
  setObjectPose(index: number, position: readonly number[], quaternion: readonly number[]): void {
    const body = this.objects[index];
    body.position.set(position[0], position[1], position[2]);
    body.quaternion.set(quaternion[0], quaternion[1], quaternion[2], quaternion[3]);
    body.velocity.setZero();
    body.angularVelocity.setZero();
    body.updateInertiaWorld(true);
    this.solver.reset();
    this.place();
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const { position, quaternion, velocity, angularVelocity } = this.objects[index];
    const sign = quaternion.w < 0 ? -1 : 1;
    out[offset] = position.x;
    out[offset + 1] = position.y;
    out[offset + 2] = position.z;
    out[offset + 3] = sign * quaternion.x;
    out[offset + 4] = sign * quaternion.y;
    out[offset + 5] = sign * quaternion.z;
    out[offset + 6] = sign * quaternion.w;
    out[offset + 7] = velocity.x;
    out[offset + 8] = velocity.y;
    out[offset + 9] = velocity.z;
    out[offset + 10] = angularVelocity.x;
    out[offset + 11] = angularVelocity.y;
    out[offset + 12] = angularVelocity.z;
  }

  bodyPose(body: number, out: Float64Array): void {
    const { R, p } = this.data;
    for (let k = 0; k < 9; k++) out[k] = R[9 * body + k];
    for (let k = 0; k < 3; k++) out[9 + k] = p[3 * body + k];
  }

  handWrench(out: Float64Array): void {
    const { contacts, colliders, is_hand } = this;
    for (let k = 0; k < 6; k++) out[k] = 0;
    for (let patch = 0; patch < contacts.patches; patch++) {
      const pair = contacts.patch_pair[patch];
      const a = is_hand[colliders.rigid[contacts.pair_a[pair]]];
      const b = is_hand[colliders.rigid[contacts.pair_b[pair]]];
      if (a !== b) this.addPatchWrench(patch, (b - a) / this.dt_s, out);
    }
  }

  handTouches(object: number): boolean {
    const { contacts, colliders, is_hand, solver } = this;
    for (let patch = 0; patch < contacts.patches; patch++) {
      const pair = contacts.patch_pair[patch];
      const a = colliders.rigid[contacts.pair_a[pair]];
      const b = colliders.rigid[contacts.pair_b[pair]];
      if (!((a === 1 + object && is_hand[b] === 1) || (b === 1 + object && is_hand[a] === 1))) continue;
      const f = solver.patches.friction_row[patch];
      for (let r = f - contacts.patch_points[patch]; r < f; r++) if (solver.rows.impulse[r] > 0) return true;
    }
    return false;
  }

  /** Generalised force of all contacts on the robot's joints at the last step, nq (Nm or N): Σ Jᵀ f. */
  robotContactForce(out: Float64Array): void {
    const { contacts, solver } = this;
    out.fill(0);
    for (let patch = 0; patch < contacts.patches; patch++) {
      const f = solver.patches.friction_row[patch];
      for (let r = f - contacts.patch_points[patch]; r < f + 3; r++) solver.rows.addRobotImpulse(r, out);
    }
    for (let i = 0; i < out.length; i++) out[i] /= this.dt_s;
  }

  assertFinite(): void {
    const { q, v, tau, robot } = this;
    for (let i = 0; i < q.length; i++) {
      const joint = robot.model.joint_names[i];
      this.requireFinite(`joint ${joint} position`, q[i]);
      this.requireFinite(`joint ${joint} velocity`, v[i]);
      this.requireFinite(`joint ${joint} force`, tau[i]);
    }
    for (let k = 0; k < this.objects.length; k++) {
      const { position, quaternion, velocity, angularVelocity } = this.objects[k];
      this.requireFinite(`object ${k} position`, position.x + position.y + position.z);
      this.requireFinite(`object ${k} orientation`, quaternion.x + quaternion.y + quaternion.z + quaternion.w);
      this.requireFinite(`object ${k} velocity`, velocity.x + velocity.y + velocity.z);
      this.requireFinite(`object ${k} angular velocity`, angularVelocity.x + angularVelocity.y + angularVelocity.z);
    }
  }

  private requireFinite(what: string, value: number): void {
    if (!Number.isFinite(value)) {
      throw new InvalidStateError(`physics engine ${this.name}, step ${this.step_count}: ${what} is ${value}`);
    }
  }

  /** Adds `scale` times the impulse of a patch on its second body, as a wrench about the tool frame. */
  private addPatchWrench(patch: number, scale: number, out: Float64Array): void {
    const { contacts, solver, tool } = this;
    const { rows } = solver;
    const { tangent, centre } = solver.patches;
    const f = solver.patches.friction_row[patch];
    const points = contacts.patch_points[patch];
    const from = contacts.patch_first[patch];
    const n = contacts.patch_normal;
    const k = 3 * patch;
    for (let i = 0; i < points; i++) {
      const value = scale * rows.impulse[f - points + i];
      const o = 3 * (from + i);
      addForce(contacts.point, o, tool, value * n[k], value * n[k + 1], value * n[k + 2], out);
    }
    const t = 6 * patch;
    const s0 = scale * rows.impulse[f];
    const s1 = scale * rows.impulse[f + 1];
    const x = s0 * tangent[t] + s1 * tangent[t + 3];
    const y = s0 * tangent[t + 1] + s1 * tangent[t + 4];
    const z = s0 * tangent[t + 2] + s1 * tangent[t + 5];
    addForce(centre, k, tool, x, y, z, out);
    const turn = scale * rows.impulse[f + 2];
    for (let i = 0; i < 3; i++) out[3 + i] += turn * n[k + i];
  }

  /** Moves rigid bodies and the objects' colliders to where robot and objects are. */
  private place(): void {
    const { data, colliders, objects, pose } = this;
    const { rigid_R, rigid_p } = colliders;
    forwardKinematics(this.robot.model, data, this.q);
    if (this.tool_frame >= 0) framePose(this.robot.model, data, this.tool_frame, this.tool);
    for (let k = 0; k < objects.length; k++) {
      const { position, quaternion } = objects[k];
      pose[0] = quaternion.x;
      pose[1] = quaternion.y;
      pose[2] = quaternion.z;
      pose[3] = quaternion.w;
      quaternionToMatrix(pose, 0, rigid_R, 9 + 9 * k);
      rigid_p[3 + 3 * k] = position.x;
      rigid_p[4 + 3 * k] = position.y;
      rigid_p[5 + 3 * k] = position.z;
    }
    const first = 1 + objects.length;
    rigid_R.set(data.R, 9 * first);
    rigid_p.set(data.p, 3 * first);
    colliders.update(this.first_object, this.first_object + objects.length);
  }
}

/** Force at points[o ..] as a wrench about the tool frame's origin. */
function addForce(
  points: Float64Array,
  o: number,
  tool: Float64Array,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): void {
  const rx = points[o] - tool[9];
  const ry = points[o + 1] - tool[10];
  const rz = points[o + 2] - tool[11];
  out[0] += x;
  out[1] += y;
  out[2] += z;
  out[3] += ry * z - rz * y;
  out[4] += rz * x - rx * z;
  out[5] += rx * y - ry * x;
}

/** Cannon counts these up for the whole process; a fresh world starts them over. */
function resetIds(): void {
  for (const counted of [Body, Shape, Material, ContactMaterial, Equation, Constraint]) counted.idCounter = 0;
}

function cannonShape(shape: Primitive): Shape {
  if (shape.type === 'box') return new Box(new Vec3(shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2));
  if (shape.type === 'cylinder') return new RoundCylinder(shape.radius, shape.length);
  return new Sphere(shape.radius);
}

/** Inertia of a homogeneous solid; cannon's own takes the bounding box in the world's axes. */
function setInertia(body: Body, shape: Primitive, mass: number): void {
  if (shape.type === 'box') {
    const [x, y, z] = shape.size;
    body.inertia.set((mass * (y * y + z * z)) / 12, (mass * (x * x + z * z)) / 12, (mass * (x * x + y * y)) / 12);
  } else body.shapes[0].calculateLocalInertia(mass, body.inertia);
  body.invInertia.set(1 / body.inertia.x, 1 / body.inertia.y, 1 / body.inertia.z);
  body.updateInertiaWorld(true);
}
