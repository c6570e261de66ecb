import type { Shape } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  quaternionFromMatrix,
  RobotData,
  rnea,
} from '../../dynamics/index.ts';
import type { GripperModel } from '../../robots/index.ts';
import { createContactPoint, type PhysicsEngine } from '../engine.ts';
import { type LawSetting, release, stepsOf } from './check.ts';
import { panda } from './robots.ts';
import { item, sceneOf, stateOf } from './scenes.ts';

/** The arm is held as by a vice: stiffness (Nm/rad) and damping (Nm s/rad) at every joint. */
const VICE_NM_RAD = 1e5;
const VICE_NM_S_RAD = 1e3;
const FINGER_N_S_M = 100;
const SETTLE_S = 0.4;

export interface GraspOptions {
  /** Coulomb coefficient of pads and object, and force of each pad (N). */
  readonly mu: number;
  readonly force_N: number;
  readonly mass_kg: number;
}

/** The Panda at home with an object between its pads, held by friction alone; nothing else is near. */
export class Grasp {
  readonly engine: PhysicsEngine;
  /** Tool frame in the world at the start: x across the pads' motion, y along it, z where the fingers point. */
  readonly tool = new Float64Array(12);
  readonly options: GraspOptions;
  private readonly data = new RobotData(panda().model);
  private readonly weight = new Float64Array(panda().model.nq);
  private readonly q_ref: Float64Array;
  private readonly gripper: GripperModel;
  private readonly hand: number;
  private readonly pose = new Float64Array(12);

  /** @param shape  whose y goes from pad to pad */
  constructor(setting: LawSetting, shape: Shape, options: GraspOptions) {
    const { model, home_q, tcp_frame, gripper } = panda();
    if (gripper === null) throw new Error(`${panda().name} has no gripper`);
    this.gripper = gripper;
    this.options = options;
    const frame = frameIndex(model, tcp_frame);
    this.hand = model.frames[frame].body;
    forwardKinematics(model, this.data, home_q);
    framePose(model, this.data, frame, this.tool);
    const [x, y, z, w] = quaternionFromMatrix(this.tool.subarray(0, 9));
    const object = item(shape, [this.tool[9], this.tool[10], this.tool[11]], {
      mass_kg: options.mass_kg,
      friction: options.mu,
      orientation: [x, y, z, w],
    });
    this.engine = setting.create(panda(), sceneOf([object], {}, options.mu), { dt_s: setting.dt_s });
    this.q_ref = Float64Array.from(home_q);
    const width = shape.type === 'box' ? shape.size[1] : 2 * shape.radius;
    this.q_ref[gripper.coordinate] = width / 2;
    this.engine.setRobotState(this.q_ref, new Float64Array(model.nq));
    const { implicit_damping, implicit_stiffness } = this.engine;
    for (let i = 0; i < panda().arm_joints; i++) {
      implicit_stiffness[i] = VICE_NM_RAD;
      implicit_damping[i] = VICE_NM_S_RAD;
    }
    implicit_damping[gripper.coordinate] = FINGER_N_S_M;
    for (let k = 0; k < stepsOf(setting, SETTLE_S); k++) this.step();
  }

  step(): void {
    const { engine, weight, data, q_ref } = this;
    forwardKinematics(panda().model, data, engine.q);
    rnea(panda().model, data, null, null, weight);
    for (let i = 0; i < panda().arm_joints; i++) {
      engine.tau[i] = weight[i] + VICE_NM_RAD * (q_ref[i] - engine.q[i]);
    }
    this.squeeze();
    engine.step();
  }

  /** Sets the force of the fingers for the next step. */
  squeeze(): void {
    this.engine.tau[this.gripper.coordinate] = -2 * this.options.force_N;
  }

  /** Lets the joints go, for a servo that moves them; the fingers still squeeze. */
  freeArm(): void {
    for (let i = 0; i < panda().arm_joints; i++) {
      this.engine.implicit_stiffness[i] = 0;
      this.engine.implicit_damping[i] = 0;
    }
  }

  /** Position of the object in the frame of the hand (m). */
  place(): [number, number, number] {
    const { engine, pose } = this;
    engine.bodyPose(this.hand, pose);
    const state = stateOf(engine, 0);
    const d = [0, 1, 2].map((i) => state[i] - pose[9 + i]);
    const along = (k: number) => pose[k] * d[0] + pose[3 + k] * d[1] + pose[6 + k] * d[2];
    return [along(0), along(1), along(2)];
  }

  /** Axis k of the tool frame, world. */
  axis(k: number): [number, number, number] {
    return [this.tool[k], this.tool[3 + k], this.tool[6 + k]];
  }

  /** Distance of the contact points from the middle of their pad, the mean over what they carry (m). */
  lever_m(): number {
    const { engine } = this;
    const point = createContactPoint();
    let carried = 0;
    let moment = 0;
    for (const finger of new Set(this.pads())) {
      const loads: { readonly at: readonly number[]; readonly load: number }[] = [];
      for (let k = 0; k < engine.contact_count; k++) {
        engine.contact(k, point);
        if (point.a !== finger && point.b !== finger) continue;
        const load = Math.abs(point.force.reduce((sum, f, i) => sum + f * point.normal[i], 0));
        loads.push({ at: [...point.position], load });
      }
      const total = loads.reduce((sum, { load }) => sum + load, 0);
      const centre = [0, 1, 2].map((i) => loads.reduce((sum, { at, load }) => sum + load * at[i], 0) / total);
      carried += total;
      for (const { at, load } of loads) moment += load * Math.hypot(...at.map((x, i) => x - centre[i]));
    }
    return moment / carried;
  }

  /** Numbers of the bodies that touch the object. */
  private pads(): number[] {
    const point = createContactPoint();
    return Array.from({ length: this.engine.contact_count }, (_, k) => {
      this.engine.contact(k, point);
      return point.a === 1 ? point.b : point.a;
    });
  }
}

export function releaseGrasp(grasp: Grasp): void {
  release(grasp.engine);
}
