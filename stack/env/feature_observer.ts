import { InputError, type TaskGoal } from '../../contracts/index.ts';
import { frameIndex, framePose, placeBodies, quaternionToMatrix, RobotData } from '../../dynamics/index.ts';
import { fingertipReach } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { SceneModel } from '../../sim/index.ts';
import { OVER_M } from './expert/expert.ts';
import { GraspChoice, wrapAngle } from './expert/grasp_choice.ts';
import { type Standing, standing } from './expert/upright.ts';
import { DERIVED_FEATURES, type DerivedFeature, type Feature } from './features.ts';
import { isWanted } from './goal.ts';
import type { ObservationLayout } from './layout.ts';
import { boxAround } from './sizes.ts';
import type { ToldObjects } from './state_observer.ts';
import { closingYaw } from './tool_target.ts';

/** What features are worked out from. */
export interface FeatureWorld {
  readonly robot: Robot;
  readonly engine: ToldObjects;
  readonly scene: Pick<SceneModel, 'objects'>;
  readonly goal: TaskGoal;
  /** Of the observation vector that `write` is given. */
  readonly layout: ObservationLayout;
  /** Tool frame as it is told: rotation row-major 9, position 3 (m), frame world. */
  readonly tool: Float64Array;
  /** Joint target of the last action (rad). */
  readonly target: Float64Array;
  /** Numbers of an action. */
  readonly action: number;
}

/** An object that has moved so far (m, parts of a quaternion) may be better taken in another way. */
const MOVED = 0.002;

/**
 * Writes the features of one world, in the order that they are asked for, from its observation vector and its state. A grasp
 * is chosen anew where its object has moved without the hand; nothing else allocates.
 */
export class FeatureObserver {
  /** Numbers of all features together. */
  readonly size: number;
  private readonly world: FeatureWorld;
  private readonly parts: readonly ((vector: Float32Array, out: Float32Array, at: number) => number)[];
  private readonly previous: Float32Array;
  private readonly wanted: number;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly full: Float64Array;
  private readonly commanded = new Float64Array(12);
  private readonly state = new Float64Array(13);
  private readonly other = new Float64Array(13);
  private readonly R = new Float64Array(9);
  private readonly grasps: GraspChoice;
  private readonly tip_reach_m: number;
  /** Object's pose when its grasp was chosen; that grasp in the object's frame: tool position (m), closing direction. */
  private readonly grasped_at = new Float64Array(7).fill(Number.NaN);
  private readonly grasp = new Float64Array(6);
  private grasp_width_m = 0;
  private readonly tool_at = new Float64Array(4);

  /** Throws InputError where one asks for the state of a wanted object and the task has not one alone. */
  constructor(world: FeatureWorld, features: readonly Feature[]) {
    const { robot, goal, scene } = world;
    this.world = world;
    this.previous = new Float32Array(world.action);
    this.wanted = goal.task === 'pick-place' ? scene.objects.findIndex((object) => isWanted(goal, object)) : -1;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.full = robot.home_q.slice();
    this.locate(robot.home_q);
    this.grasps = new GraspChoice(robot, closingYaw(this.commanded));
    this.tip_reach_m = fingertipReach(robot);
    this.parts = features.map((feature) => this.part(feature));
    this.size = features.reduce((sum, { size }) => sum + size, 0);
  }

  /** The action that was asked for, from `offset` on: what `previous_action` tells from now on. */
  acted(action: ArrayLike<number>, offset = 0): void {
    for (let k = 0; k < this.previous.length; k++) this.previous[k] = action[offset + k];
  }

  /** @param vector  the observation of the same moment, as the layout has it */
  write(vector: Float32Array, out: Float32Array, offset: number): void {
    this.locate(this.world.target);
    if (this.wanted >= 0) this.world.engine.objectState(this.wanted, this.state, 0);
    let at = offset;
    for (const part of this.parts) at = part(vector, out, at);
  }

  private part({ name, size }: Feature): (vector: Float32Array, out: Float32Array, at: number) => number {
    if (name === 'previous_action') {
      return (_, out, at) => {
        out.set(this.previous, at);
        return at + size;
      };
    }
    if (isDerived(name)) return (_, out, at) => this.derive(name, out, at);
    const { fields } = this.world.layout;
    const own = fields.find((field) => field.name === name);
    const of_wanted = name.replace(/^wanted_/, `object${this.wanted}_`);
    const field = own ?? fields.find((one) => one.name === of_wanted);
    if (field === undefined) throw new InputError(`feature ${name}`, 'this task or observation does not tell it');
    const { offset } = field;
    return (vector, out, at) => {
      for (let k = 0; k < size; k++) out[at + k] = vector[offset + k];
      return at + size;
    };
  }

  private derive(name: DerivedFeature, out: Float32Array, offset: number): number {
    const { tool } = this.world;
    const { commanded } = this;
    let at = offset;
    switch (name) {
      case 'tool_yaw':
        out[at++] = Math.sin(closingYaw(tool));
        out[at++] = Math.cos(closingYaw(tool));
        return at;
      case 'commanded_offset':
        for (let k = 9; k < 12; k++) out[at++] = commanded[k] - tool[k];
        return at;
      case 'commanded_turn':
        out[at++] = wrapAngle(closingYaw(commanded) - closingYaw(tool));
        return at;
      case 'wanted_gap':
        out[at++] = this.gap(this.wanted, this.state);
        return at;
      case 'grasp_offset':
        this.look();
        for (let k = 0; k < 3; k++) out[at++] = this.grasp_width_m === 0 ? 0 : this.tool_at[k] - tool[9 + k];
        return at;
      case 'grasp_turn':
        this.look();
        out[at++] = this.grasp_width_m === 0 ? 0 : wrapAngle(this.tool_at[3] - closingYaw(tool));
        return at;
      case 'grasp_width':
        this.look();
        out[at++] = this.grasp_width_m;
        return at;
      case 'travel_offset':
        out[at++] = this.highest() + OVER_M + this.tip_reach_m - tool[11];
        return at;
      case 'carry_offset':
        out[at++] = this.highest() + OVER_M - this.gap(this.wanted, this.state);
        return at;
      case 'neighbour_offset':
      case 'neighbour_size':
        return this.writeNeighbour(name, out, at);
    }
  }

  private writeNeighbour(name: 'neighbour_offset' | 'neighbour_size', out: Float32Array, offset: number): number {
    const { state, other } = this;
    const { engine, scene } = this.world;
    let nearest = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < engine.object_count; i++) {
      if (i === this.wanted) continue;
      engine.objectState(i, other, 0);
      const apart = Math.hypot(other[0] - state[0], other[1] - state[1]);
      if (apart < least) [nearest, least] = [i, apart];
    }
    if (nearest >= 0) engine.objectState(nearest, other, 0);
    for (let k = 0; k < 3; k++) {
      if (nearest < 0) out[offset + k] = 0;
      else if (name === 'neighbour_offset') out[offset + k] = other[k] - state[k];
      else out[offset + k] = boxAround(scene.objects[nearest].shape).size[k];
    }
    return offset + 3;
  }

  /** Top of everything but the wanted object, and of that where it stands; at least the table (m). */
  private highest(): number {
    const { engine } = this.world;
    const { other } = this;
    let top = 0;
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, other, 0);
      const gap = this.gap(i, other);
      const height = 2 * (other[2] - gap);
      top = Math.max(top, i === this.wanted ? height : gap + height);
    }
    return top;
  }

  /** Height of the object's lowest point (m). */
  private gap(object: number, state: Float64Array): number {
    const { shape } = this.world.scene.objects[object];
    const { size } = boxAround(shape);
    quaternionToMatrix(state, 3, this.R);
    const [a, b, c] = [this.R[6], this.R[7], this.R[8]];
    if (shape.type === 'sphere') return state[2] - shape.radius;
    if (shape.type === 'cylinder') return state[2] - shape.radius * Math.hypot(a, b) - (shape.length / 2) * Math.abs(c);
    return state[2] - (size[0] * Math.abs(a) + size[1] * Math.abs(b) + size[2] * Math.abs(c)) / 2;
  }

  /** Brings the grasp up to where the object is now. */
  private look(): void {
    const { state, grasp, R, tool_at, world } = this;
    if (this.hasMoved() && !world.engine.handTouches(this.wanted)) this.choose();
    quaternionToMatrix(state, 3, R);
    for (let r = 0; r < 3; r++) {
      tool_at[r] = state[r] + R[3 * r] * grasp[0] + R[3 * r + 1] * grasp[1] + R[3 * r + 2] * grasp[2];
    }
    const x = R[0] * grasp[3] + R[1] * grasp[4] + R[2] * grasp[5];
    const y = R[3] * grasp[3] + R[4] * grasp[4] + R[5] * grasp[5];
    tool_at[3] = Math.atan2(y, x);
  }

  private hasMoved(): boolean {
    for (let k = 0; k < 7; k++) if (!(Math.abs(this.state[k] - this.grasped_at[k]) < MOVED)) return true;
    return false;
  }

  private choose(): void {
    const { world, state, grasp, R, wanted, other } = this;
    const all = world.scene.objects.map(({ shape }, i): Standing => {
      world.engine.objectState(i, other, 0);
      return standing(shape, other);
    });
    const neighbours = all.filter((_, i) => i !== wanted);
    const chosen = this.grasps.choose(all[wanted], neighbours);
    this.grasped_at.set(state.subarray(0, 7));
    this.grasp_width_m = chosen?.width_m ?? 0;
    if (chosen === null) return;
    const { tool_pose, closing_yaw_rad } = chosen;
    const d = [tool_pose[9] - state[0], tool_pose[10] - state[1], tool_pose[11] - state[2]];
    const u = [Math.cos(closing_yaw_rad), Math.sin(closing_yaw_rad), 0];
    quaternionToMatrix(state, 3, R);
    for (let c = 0; c < 3; c++) {
      grasp[c] = R[c] * d[0] + R[3 + c] * d[1] + R[6 + c] * d[2];
      grasp[3 + c] = R[c] * u[0] + R[3 + c] * u[1] + R[6 + c] * u[2];
    }
  }

  private locate(q: Float64Array): void {
    const { model } = this.world.robot;
    this.full.set(q);
    placeBodies(model, this.data, this.full, model.nb);
    framePose(model, this.data, this.frame, this.commanded);
  }
}

function isDerived(name: string): name is DerivedFeature {
  return Object.hasOwn(DERIVED_FEATURES, name);
}
