import { type Body, Quaternion, Vec3, type World } from 'cannon-es';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  multiplyQuaternions,
  quaternionToMatrix,
  RobotData,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { ContactPoint, PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { checkObjectState } from '../scene_check.ts';
import { StateCheck } from '../state_check.ts';
import type { Colliders } from './colliders.ts';
import { CONTACT, type ContactOptions } from './contact_options.ts';
import { ContactQuery } from './contact_query.ts';
import type { Contacts } from './contacts.ts';
import { PairListBroadphase, PatchNarrowphase } from './extensions.ts';
import { PatchSolver } from './patch_solver.ts';
import { Pushes } from './pushes.ts';
import { SlickHand } from './slick_hand.ts';
import { StateCodec } from './state.ts';
import { buildWorld } from './world.ts';

export interface CannonOptions {
  /** Length of a step, s. Default 0.002. */
  readonly dt_s?: number;
  /** Rotor inertia seen at the joints, nq (kg m² or kg). Default none. */
  readonly armature?: ArrayLike<number>;
  readonly contact?: Partial<ContactOptions>;
}

/**
 * A cannon-es world with a robot in reduced coordinates. Cannon holds the table and the objects, gravity and
 * integration; its broadphase, narrowphase and solver are replaced (see PatchSolver), and only they know the robot's
 * links. Nothing but contact joins an object to the robot.
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
  readonly body_names: readonly string[];
  readonly world: World;
  /** The objects, in scene order; a body's position is its centre of mass. */
  readonly objects: readonly Body[];
  readonly contacts: Contacts;
  readonly solver: PatchSolver;
  readonly data: RobotData;
  private readonly robot: Robot;
  private readonly colliders: Colliders;
  private readonly first_object: number;
  private readonly com: Float64Array;
  private readonly turn: Float64Array;
  /** Whether every object's body frame is its shape's. */
  private readonly centred: boolean;
  private readonly query: ContactQuery;
  private readonly codec: StateCodec;
  private readonly tool_frame: number;
  private readonly tool = new Float64Array(12);
  private readonly pose = new Float64Array(4);
  private readonly pushes: Pushes;
  private readonly slick: SlickHand;
  private readonly state_check: StateCheck;
  private step_count = 0;

  constructor(robot: Robot, scene: SceneModel, options: CannonOptions = {}) {
    const { model } = robot;
    const { nq, nb } = model;
    const count = scene.objects.length;
    this.robot = robot;
    this.state_check = new StateCheck(robot);
    this.dt_s = options.dt_s ?? 0.002;
    this.object_count = count;
    this.body_names = ['world', ...scene.objects.map(({ name }) => name), ...model.body_joint_names];
    this.data = new RobotData(model);
    this.q = Float64Array.from(robot.home_q);
    this.v = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.implicit_damping = new Float64Array(nq);
    this.implicit_stiffness = new Float64Array(nq);
    this.tool_frame = frameIndex(model, robot.tcp_frame);

    const { world, objects, com, turn, colliders, first_object, contacts } = buildWorld(robot, scene);
    this.world = world;
    this.objects = objects;
    this.com = com;
    this.turn = turn;
    this.centred = com.every((x) => x === 0) && turn.every((x, i) => x === (i % 4 === 3 ? 1 : 0));
    this.colliders = colliders;
    this.first_object = first_object;
    this.contacts = contacts;
    const armature = Float64Array.from({ length: nq }, (_, i) => options.armature?.[i] ?? 0);
    const { q, v, tau, implicit_damping, implicit_stiffness } = this;
    const state = { q, v, tau, implicit_damping, implicit_stiffness, armature };
    this.solver = new PatchSolver(this.data, state, objects, contacts, { ...CONTACT, ...options.contact });
    world.broadphase = new PairListBroadphase(contacts);
    world.broadphase.setWorld(world);
    world.narrowphase = new PatchNarrowphase(world, contacts);
    world.solver = this.solver;

    const is_hand = new Uint8Array(1 + count + nb);
    const hand = this.tool_frame < 0 ? -1 : model.frames[this.tool_frame].body;
    for (let body = 0; body < nb; body++) {
      const carried = body === hand || (model.parent[body] >= 0 && is_hand[1 + count + model.parent[body]] === 1);
      is_hand[1 + count + body] = carried ? 1 : 0;
    }
    this.pushes = new Pushes(this.data, this.tool, is_hand.subarray(1 + count));
    this.slick = new SlickHand(contacts, 1 + count);
    this.query = new ContactQuery(contacts, this.solver.patches, this.solver.rows, this.dt_s, is_hand);
    const saved = [
      q,
      v,
      tau,
      implicit_damping,
      implicit_stiffness,
      ...this.pushes.memory,
      this.solver.arm.memory,
      this.slick.memory,
    ];
    this.codec = new StateCodec({ world, objects, solver: this.solver, robot: saved });
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
    this.pushes.begin(tau);
    this.slick.begin();
    this.world.step(this.dt_s);
    this.step_count++;
    this.pushes.end(tau);
    this.slick.end();
    this.place();
  }

  setRobotState(q: Float64Array, v: Float64Array): void {
    this.q.set(q);
    this.v.set(v);
    this.solver.reset();
    this.query.reset();
    this.place();
  }

  setObjectState(index: number, state: ArrayLike<number>, offset = 0): void {
    checkObjectState(this.body_names[1 + index], state, offset);
    const { position, quaternion, velocity, angularVelocity } = this.objects[index];
    position.set(state[offset], state[offset + 1], state[offset + 2]);
    quaternion.set(state[offset + 3], state[offset + 4], state[offset + 5], state[offset + 6]);
    velocity.set(state[offset + 7], state[offset + 8], state[offset + 9]);
    angularVelocity.set(state[offset + 10], state[offset + 11], state[offset + 12]);
    if (!this.centred) this.shiftToMass(index);
    this.objects[index].updateInertiaWorld(true);
    this.contacts.forget(1 + index);
    this.query.reset();
    this.place();
  }

  /** Puts an object somewhere else; position (m) and quaternion xyzw. It is then at rest. */
  setObjectPose(index: number, position: readonly number[], quaternion: readonly number[]): void {
    this.setObjectState(index, [...position, ...quaternion, 0, 0, 0, 0, 0, 0]);
  }

  pushObject(index: number, wrench: ArrayLike<number>): void {
    const { force, torque } = this.objects[index];
    force.set(force.x + wrench[0], force.y + wrench[1], force.z + wrench[2]);
    torque.set(torque.x + wrench[3], torque.y + wrench[4], torque.z + wrench[5]);
  }

  pushBody(body: number, wrench: ArrayLike<number>): void {
    this.pushes.add(body, wrench);
  }

  slickenHand(share: number): void {
    this.slick.set(share);
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
    if (!this.centred) this.shiftToShape(index, out, offset);
  }

  bodyPose(body: number, out: Float64Array): void {
    const { R, p } = this.data;
    for (let k = 0; k < 9; k++) out[k] = R[9 * body + k];
    for (let k = 0; k < 3; k++) out[9 + k] = p[3 * body + k];
  }

  handWrench(out: Float64Array): void {
    this.query.handWrench(this.tool, out);
    this.pushes.addFelt(out);
  }

  handTouches(object: number): boolean {
    return this.query.handTouches(1 + object);
  }

  get contact_count(): number {
    return this.query.list(this.step_count);
  }

  contact(k: number, out: ContactPoint): void {
    const count = this.query.list(this.step_count);
    if (!(k >= 0 && k < count)) throw new RangeError(`contact ${k} of ${count}`);
    this.query.read(k, out);
  }

  /** Generalised force of all contacts on the robot's joints at the last step, nq (Nm or N): Σ Jᵀ f. */
  robotContactForce(out: Float64Array): void {
    this.query.robotForce(out);
  }

  saveState(): Float64Array {
    return this.codec.save(this.step_count);
  }

  loadState(state: Float64Array): void {
    this.step_count = this.codec.load(state);
    this.pushes.restored();
    this.query.reset();
    this.place();
  }

  assertFinite(): void {
    const { gap, points } = this.contacts;
    let deepest = 0;
    for (let i = 0; i < points; i++) if (gap[i] < deepest) deepest = gap[i];
    this.state_check.check(this, -deepest);
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

  /** Turns the state of an object's body at out[offset ..] into that of its shape's frame. */
  private shiftToShape(index: number, out: Float64Array, offset: number): void {
    const { rigid_R: R } = this.colliders;
    const { com } = this;
    const k = 3 * index;
    const r = 9 * (1 + index);
    const x = R[r] * com[k] + R[r + 1] * com[k + 1] + R[r + 2] * com[k + 2];
    const y = R[r + 3] * com[k] + R[r + 4] * com[k + 1] + R[r + 5] * com[k + 2];
    const z = R[r + 6] * com[k] + R[r + 7] * com[k + 1] + R[r + 8] * com[k + 2];
    const wx = out[offset + 10];
    const wy = out[offset + 11];
    const wz = out[offset + 12];
    out[offset] -= x;
    out[offset + 1] -= y;
    out[offset + 2] -= z;
    out[offset + 7] -= wy * z - wz * y;
    out[offset + 8] -= wz * x - wx * z;
    out[offset + 9] -= wx * y - wy * x;
    const { turn, pose } = this;
    for (let i = 0; i < 3; i++) pose[i] = -turn[4 * index + i];
    pose[3] = turn[4 * index + 3];
    multiplyQuaternions(out, offset + 3, pose, 0, out, offset + 3);
    if (out[offset + 6] < 0) for (let i = 3; i < 7; i++) out[offset + i] = -out[offset + i];
  }

  /** Turns pose and velocity of an object from those of its shape's frame into those of its body. */
  private shiftToMass(index: number): void {
    const { position, quaternion, velocity, angularVelocity } = this.objects[index];
    const { turn } = this;
    const t = 4 * index;
    quaternion.mult(new Quaternion(turn[t], turn[t + 1], turn[t + 2], turn[t + 3]), quaternion);
    const arm = quaternion.vmult(new Vec3(this.com[3 * index], this.com[3 * index + 1], this.com[3 * index + 2]));
    position.vadd(arm, position);
    velocity.vadd(angularVelocity.cross(arm), velocity);
  }
}
