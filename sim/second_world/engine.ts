import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { ContactPoint, PhysicsEngine, WorldPoses } from '../engine.ts';
import { MujocoEngine, type MujocoOptions } from '../mujoco/index.ts';
import type { SceneModel } from '../scene.ts';
import type { EffectsInPlay } from './effects.ts';
import { GearElasticity } from './gear_elasticity.ts';
import { PoseHistory } from './pose_history.ts';
import { StribeckFriction } from './stribeck_friction.ts';

/**
 * MuJoCo with joints as real ones are: Stribeck friction, and gears that wind up. `q` is what encoders at the motors read;
 * bodies, contacts and objects are where they are. Velocities are those of the joints.
 */
export class SecondWorldEngine implements PhysicsEngine {
  readonly name = 'mujoco';
  readonly q: Float64Array;
  private readonly inner: MujocoEngine;
  private readonly robot: Robot;
  private readonly friction: StribeckFriction;
  private readonly elasticity: GearElasticity | null;
  /** Of the time by which pictures are late. */
  private readonly history: PoseHistory | null;
  private readonly dry_friction_Nm: Float64Array;
  private readonly data: RobotData;
  private readonly weight: Float64Array;
  private readonly joint_q: Float64Array;

  /** @param robot  the true one: friction, damping and zeros of its encoders */
  constructor(robot: Robot, scene: SceneModel, play: EffectsInPlay, options: MujocoOptions) {
    const { model } = robot;
    const { stiction, elasticity, soft_pads, frame_jitter } = play;
    this.robot = robot;
    this.dry_friction_Nm = Float64Array.from(model.friction);
    this.friction = new StribeckFriction(
      model.friction,
      stiction?.breakaway_Nm ?? [],
      stiction?.stribeck_speed_rad_s ?? [],
    );
    this.elasticity =
      elasticity === undefined ? null : new GearElasticity(model.nq, elasticity.stiffness_Nm_rad, elasticity.lag_s);
    this.inner = new MujocoEngine(robot, scene, {
      ...options,
      ...(stiction === undefined ? {} : { dry_friction: this.dry_friction_Nm, sticking: true }),
      ...(soft_pads === undefined ? {} : { pads: soft_pads }),
    });
    const most_steps = Math.ceil((frame_jitter?.most_s ?? 0) / this.inner.dt_s);
    this.history = most_steps > 0 ? new PoseHistory(model.nb, scene.objects.length, most_steps) : null;
    this.data = new RobotData(model);
    this.weight = new Float64Array(model.nq);
    this.joint_q = new Float64Array(model.nq);
    this.q = new Float64Array(model.nq);
    this.setRobotState(robot.home_q, new Float64Array(model.nq));
  }

  get dt_s(): number {
    return this.inner.dt_s;
  }
  get steps(): number {
    return this.inner.steps;
  }
  get v(): Float64Array {
    return this.inner.v;
  }
  get tau(): Float64Array {
    return this.inner.tau;
  }
  get implicit_damping(): Float64Array {
    return this.inner.implicit_damping;
  }
  get implicit_stiffness(): Float64Array {
    return this.inner.implicit_stiffness;
  }
  get object_count(): number {
    return this.inner.object_count;
  }
  get body_names(): readonly string[] {
    return this.inner.body_names;
  }
  get contact_count(): number {
    return this.inner.contact_count;
  }

  step(): void {
    const { inner, elasticity } = this;
    this.friction.limits(inner.v, this.dry_friction_Nm);
    elasticity?.advance(inner.tau, inner.dt_s);
    inner.step();
    this.read();
    this.history?.record(inner);
  }

  /** The world as it was so many seconds ago; the next call shows another. */
  before(time_s: number): WorldPoses {
    return this.history?.lookBack(Math.round(time_s / this.dt_s)) ?? this;
  }

  /** @param q  what encoders read; the gears carry the arm's weight as if they had always done */
  setRobotState(q: Float64Array, v: Float64Array): void {
    const { inner, elasticity, joint_q, robot, data, weight } = this;
    joint_q.set(q);
    if (elasticity !== null) {
      forwardKinematics(robot.model, data, q);
      rnea(robot.model, data, null, null, weight);
      elasticity.settle(weight);
      for (let i = 0; i < joint_q.length; i++) joint_q[i] -= elasticity.deflection[i];
    }
    inner.setRobotState(joint_q, v);
    this.begin();
  }

  saveState(): Float64Array {
    const { inner, elasticity } = this;
    return Float64Array.from([...(elasticity?.deflection ?? []), ...inner.saveState()]);
  }

  loadState(state: Float64Array): void {
    const { inner, elasticity } = this;
    const own = elasticity?.deflection.length ?? 0;
    inner.loadState(state.slice(own));
    elasticity?.deflection.set(state.subarray(0, own));
    this.begin();
  }

  /** From here on: what was before is not what led here. */
  private begin(): void {
    this.read();
    this.history?.clear();
    this.history?.record(this.inner);
  }

  private read(): void {
    const { q, inner, elasticity } = this;
    q.set(inner.q);
    if (elasticity !== null) for (let i = 0; i < q.length; i++) q[i] += elasticity.deflection[i];
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    this.inner.objectState(index, out, offset);
  }
  bodyPose(body: number, out: Float64Array): void {
    this.inner.bodyPose(body, out);
  }
  handWrench(out: Float64Array): void {
    this.inner.handWrench(out);
  }
  contact(k: number, out: ContactPoint): void {
    this.inner.contact(k, out);
  }
  handTouches(object: number): boolean {
    return this.inner.handTouches(object);
  }
  assertFinite(): void {
    this.inner.assertFinite();
  }
  setObjectState(index: number, state: ArrayLike<number>, offset?: number): void {
    this.inner.setObjectState(index, state, offset);
    this.begin();
  }
  pushObject(index: number, wrench: ArrayLike<number>): void {
    this.inner.pushObject(index, wrench);
  }
  pushBody(body: number, wrench: ArrayLike<number>): void {
    this.inner.pushBody(body, wrench);
  }
  slickenHand(share: number): void {
    this.inner.slickenHand(share);
  }
  dispose(): void {
    this.inner.dispose();
  }
}
