import { quaternionToMatrix } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type ContactPoint, InvalidStateError, type PhysicsEngine } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { checkObjectState } from '../scene_check.ts';
import { StateCheck } from '../state_check.ts';
import { ContactList } from './contact_list.ts';
import { frictionLag } from './contact_parameters.ts';
import { HandWrench } from './hand_wrench.ts';
import { Integrator } from './integrator.ts';
import { type Layout, layoutOf } from './layout.ts';
import { driveShares, type MjcfOptions, writeMjcf } from './mjcf.ts';
import { floats, type MainModule, type MjData, type MjModel, mujoco, type Views, viewsOf } from './module.ts';
import { SlickHand } from './slick_hand.ts';
import { StateCodec } from './state.ts';
import { SurfaceMotion } from './surface_motion.ts';
import { warningOf } from './warnings.ts';

export interface MujocoOptions extends Partial<MjcfOptions> {
  /** Dry friction of the coordinates (Nm or N), nq, read anew at every step; by default the model's. */
  readonly dry_friction?: Float64Array;
}

/**
 * MuJoCo's WebAssembly build as a physics engine, from the same robot and scene as any other. MuJoCo's `discrete`
 * integrator solves contacts in the metric M + h D, so that the actuators' implicit damping and stiffness, folded into the
 * joints' damping, count in the contacts too. Bodies that mimic a coordinate are joints of their own held together by
 * equality constraints; `q` is their least-squares coordinate. Owns WebAssembly memory until `dispose`.
 */
export class MujocoEngine implements PhysicsEngine {
  readonly name = 'mujoco';
  readonly dt_s: number;
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly object_count: number;
  readonly body_names: readonly string[];
  private readonly robot: Robot;
  private readonly state_check: StateCheck;
  private readonly mj: MainModule;
  private readonly model: MjModel;
  private readonly data: MjData;
  private readonly option: MjModel['opt'];
  private readonly integrator: Integrator;
  private readonly scratch: InstanceType<MainModule['DoubleBuffer']>;
  private readonly layout: Layout;
  private readonly contacts: ContactList;
  private readonly surfaces: SurfaceMotion;
  private readonly codec: StateCodec;
  private readonly shares: Float64Array;
  private readonly dry_friction: Float64Array | null;
  private readonly hand: HandWrench;
  private readonly slick: SlickHand;
  private readonly rotation = new Float64Array(9);
  private readonly xyzw = new Float64Array(4);
  private views: Views;
  /** Whether `contacts` has been read since the last step. */
  private listed = true;
  private step_count = 0;

  constructor(robot: Robot, scene: SceneModel, options: MujocoOptions = {}) {
    const { model } = robot;
    const { nq } = model;
    const count = scene.objects.length;
    this.robot = robot;
    this.state_check = new StateCheck(robot);
    this.dt_s = options.dt_s ?? 0.002;
    this.object_count = count;
    this.body_names = ['world', ...scene.objects.map(({ name }) => name), ...model.body_joint_names];
    this.q = new Float64Array(nq);
    this.v = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.implicit_damping = new Float64Array(nq);
    this.implicit_stiffness = new Float64Array(nq);
    this.shares = driveShares(model);
    this.dry_friction = options.dry_friction ?? null;
    this.mj = mujoco();
    this.model = this.mj.MjModel.from_xml_string(writeMjcf(robot, scene, { ...options, dt_s: this.dt_s }));
    this.data = new this.mj.MjData(this.model);
    this.option = this.model.opt;
    this.scratch = new this.mj.DoubleBuffer(6);
    this.layout = layoutOf(this.mj, this.model, model, count);
    this.integrator = new Integrator(model, this.layout.link_dof, this.dt_s);
    this.contacts = new ContactList(this.layout.geom_number);
    this.surfaces = new SurfaceMotion(model, this.layout, this.dt_s / 2 + frictionLag(options.contact));
    this.model.flg_surfacevel = true;
    this.codec = new StateCodec(this.mj, this.model, this.data, nq, count);
    this.views = viewsOf(this.model, this.data);
    this.hand = new HandWrench(robot, this.layout, count);
    this.slick = new SlickHand(this.model, this.layout, count, this.views.pair_friction);
    this.setRobotState(robot.home_q, new Float64Array(nq));
  }

  get steps(): number {
    return this.step_count;
  }

  step(): void {
    const { tau, mj, model, data, robot, layout, shares, dt_s } = this;
    this.renew();
    const { qfrc_applied, dof_damping, qpos, qvel } = this.views;
    let sum = 0;
    for (let i = 0; i < tau.length; i++) sum += tau[i];
    for (let i = 0; i < qpos.length; i++) sum += qpos[i];
    for (let i = 0; i < qvel.length; i++) sum += qvel[i];
    if (!Number.isFinite(sum)) this.assertFinite();
    const { coordinate, multiplier, damping } = robot.model;
    for (let b = 0; b < shares.length; b++) {
      const dof = layout.link_dof[b];
      const i = coordinate[b];
      qfrc_applied[dof] = shares[b] * multiplier[b] * tau[i];
      dof_damping[dof] = shares[b] * (damping[i] + this.implicit_damping[i] + dt_s * this.implicit_stiffness[i]);
    }
    if (this.dry_friction !== null) this.rub(this.dry_friction);
    this.surfaces.update(this.views);
    this.option.integrator = this.integrator.next(this, this.views);
    this.slick.begin(this.views.pair_friction);
    this.advance();
    this.step_count++;
    this.listed = false;
    this.renew();
    this.slick.end(this.views.pair_friction);
    mj.mj_rnePostConstraint(model, data);
    this.views.xfrc_applied.fill(0);
    this.place();
    this.hand.update(this.views);
  }

  setRobotState(q: Float64Array, v: Float64Array): void {
    this.renew();
    const { qpos, qvel } = this.views;
    const { coordinate, multiplier, offset } = this.robot.model;
    for (let b = 0; b < this.shares.length; b++) {
      const i = coordinate[b];
      qpos[this.layout.link_qpos[b]] = multiplier[b] * q[i] + offset[b];
      qvel[this.layout.link_dof[b]] = multiplier[b] * v[i];
    }
    this.integrator.whirling[0] = 0;
    this.forgetContacts();
    this.place();
  }

  setObjectState(index: number, state: ArrayLike<number>, offset = 0): void {
    checkObjectState(this.body_names[1 + index], state, offset);
    this.renew();
    const { qpos, qvel } = this.views;
    const { rotation: R, xyzw } = this;
    const p = this.layout.object_qpos[index];
    const d = this.layout.object_dof[index];
    for (let k = 0; k < 3; k++) {
      qpos[p + k] = state[offset + k];
      qvel[d + k] = state[offset + 7 + k];
      qpos[p + 4 + k] = state[offset + 3 + k];
      xyzw[k] = state[offset + 3 + k];
    }
    qpos[p + 3] = state[offset + 6];
    xyzw[3] = state[offset + 6];
    quaternionToMatrix(xyzw, 0, R);
    for (let k = 0; k < 3; k++) {
      qvel[d + 3 + k] = R[k] * state[offset + 10] + R[3 + k] * state[offset + 11] + R[6 + k] * state[offset + 12];
    }
    this.forgetContacts();
    this.place();
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    this.renew();
    const { qpos, qvel, xmat } = this.views;
    const p = this.layout.object_qpos[index];
    const d = this.layout.object_dof[index];
    const m = 9 * this.layout.object_body[index];
    const sign = qpos[p + 3] < 0 ? -1 : 1;
    for (let k = 0; k < 3; k++) {
      out[offset + k] = qpos[p + k];
      out[offset + 3 + k] = sign * qpos[p + 4 + k];
      out[offset + 7 + k] = qvel[d + k];
      const r = m + 3 * k;
      out[offset + 10 + k] = xmat[r] * qvel[d + 3] + xmat[r + 1] * qvel[d + 4] + xmat[r + 2] * qvel[d + 5];
    }
    out[offset + 6] = sign * qpos[p + 3];
  }

  bodyPose(body: number, out: Float64Array): void {
    this.renew();
    const { xmat, xpos } = this.views;
    const b = this.layout.link_body[body];
    for (let k = 0; k < 9; k++) out[k] = xmat[9 * b + k];
    for (let k = 0; k < 3; k++) out[9 + k] = xpos[3 * b + k];
  }

  handWrench(out: Float64Array): void {
    for (let k = 0; k < 6; k++) out[k] = this.hand.value[k];
  }

  handTouches(object: number): boolean {
    this.list();
    const { contacts } = this;
    const { is_hand } = this.hand;
    for (let k = 0; k < contacts.count; k++) {
      const a = contacts.bodyA(k);
      const b = contacts.bodyB(k);
      if ((a === 1 + object && is_hand[b] === 1) || (b === 1 + object && is_hand[a] === 1)) return true;
    }
    return false;
  }

  get contact_count(): number {
    this.list();
    return this.contacts.count;
  }

  contact(k: number, out: ContactPoint): void {
    const count = this.contact_count;
    if (!(k >= 0 && k < count)) throw new RangeError(`contact ${k} of ${count}`);
    this.contacts.get(k, out);
  }

  pushObject(index: number, wrench: ArrayLike<number>): void {
    this.renew();
    const o = 6 * this.layout.object_body[index];
    for (let k = 0; k < 6; k++) this.views.xfrc_applied[o + k] += wrench[k];
  }

  pushBody(body: number, wrench: ArrayLike<number>): void {
    this.renew();
    const { xfrc_applied, xpos, xipos } = this.views;
    const b = 3 * this.layout.link_body[body];
    const x = xpos[b] - xipos[b];
    const y = xpos[b + 1] - xipos[b + 1];
    const z = xpos[b + 2] - xipos[b + 2];
    for (let k = 0; k < 6; k++) xfrc_applied[2 * b + k] += wrench[k];
    // MuJoCo takes forces at the centre of mass.
    xfrc_applied[2 * b + 3] += y * wrench[2] - z * wrench[1];
    xfrc_applied[2 * b + 4] += z * wrench[0] - x * wrench[2];
    xfrc_applied[2 * b + 5] += x * wrench[1] - y * wrench[0];
  }

  slickenHand(share: number): void {
    this.slick.share[0] = share;
  }

  saveState(): Float64Array {
    this.list();
    return this.codec.save(this.step_count, this.kept(), this.contacts);
  }

  loadState(state: Float64Array): void {
    this.step_count = this.codec.load(state, this.kept(), this.contacts);
    this.listed = true;
    this.renew();
    this.place();
  }

  assertFinite(): void {
    this.state_check.check(this, this.deepest());
    const warning = warningOf(this.mj, this.data);
    if (warning !== null) {
      throw new InvalidStateError(`physics engine ${this.name}, step ${this.step_count}: ${warning}`);
    }
  }

  /** Gives the WebAssembly memory back; the engine cannot be used any more. */
  dispose(): void {
    this.codec.dispose();
    this.scratch.delete();
    this.data.delete();
    this.model.delete();
  }

  private rub(dry_friction: Float64Array): void {
    const { shares, layout, robot } = this;
    const { coordinate, multiplier } = robot.model;
    const { dof_frictionloss } = this.views;
    for (let b = 0; b < shares.length; b++) {
      dof_frictionloss[layout.link_dof[b]] = shares[b] * dry_friction[coordinate[b]] * Math.abs(multiplier[b]);
    }
  }

  /** Throws InvalidStateError with MuJoCo's words where it gives up: it found no room for what touches. */
  private advance(): void {
    try {
      this.mj.mj_step(this.model, this.data);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('MuJoCo Error')) throw error;
      const words = error.message.replace(/\s+/g, ' ');
      throw new InvalidStateError(`physics engine ${this.name}, step ${this.step_count}: ${words}`);
    }
  }

  /** What is saved beside MuJoCo's own state. */
  private kept(): readonly Float64Array[] {
    const { tau, implicit_damping, implicit_stiffness, hand, integrator, slick } = this;
    return [tau, implicit_damping, implicit_stiffness, hand.value, integrator.whirling, slick.share];
  }

  /** Greatest violation of a constraint in the last step, contacts among them (m). */
  private deepest(): number {
    const position = floats(this.data.efc_pos);
    let least = 0;
    for (let i = 0; i < position.length; i++) if (position[i] < least) least = position[i];
    return -least;
  }

  /** Views of memory that has grown since are empty. */
  private renew(): void {
    if (this.views.qpos.length === 0) this.views = viewsOf(this.model, this.data);
  }

  private list(): void {
    if (this.listed) return;
    this.contacts.read(this.mj, this.model, this.data, this.scratch);
    this.listed = true;
  }

  private forgetContacts(): void {
    this.views.qacc_warmstart.fill(0);
    this.hand.value.fill(0);
    this.contacts.count = 0;
    this.listed = true;
  }

  /** Body poses, and the coordinates of the robot, of the present state. */
  private place(): void {
    const { q, v, shares, layout, mj } = this;
    const { qpos, qvel } = this.views;
    const { coordinate, multiplier, offset } = this.robot.model;
    mj.mj_kinematics(this.model, this.data);
    q.fill(0);
    v.fill(0);
    for (let b = 0; b < shares.length; b++) {
      const i = coordinate[b];
      const part = shares[b] * multiplier[b];
      q[i] += part * (qpos[layout.link_qpos[b]] - offset[b]);
      v[i] += part * qvel[layout.link_dof[b]];
    }
  }
}
