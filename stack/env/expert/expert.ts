import type { TaskGoal } from '../../../contracts/index.ts';
import { frameIndex, framePose, placeBodies, RobotData } from '../../../dynamics/index.ts';
import { fingertipReach, IkSolver } from '../../../planning/index.ts';
import type { Robot } from '../../../robots/index.ts';
import type { PhysicsEngine, SceneModel } from '../../../sim/index.ts';
import { ACTION_SPEEDS, type ActionKind } from '../actions.ts';
import type { StateObserver } from '../state_observer.ts';
import { closingYaw } from '../tool_target.ts';
import { Carrier, type CarryJob, type CarryView } from './carrier.ts';
import { clutterErrands } from './clutter.ts';
import type { Errand, ErrandChooser } from './errand.ts';
import { GraspChoice } from './grasp_choice.ts';
import { inspectErrands } from './inspect.ts';
import { pickPlaceErrands } from './pick_place.ts';
import { sortErrands } from './sort.ts';
import { type Standing, standing } from './upright.ts';

/** Says what to do from simulator state alone; for imitation, never part of the stack. */
export interface Expert {
  /** Action for the present state, −1..1; written by `update`. */
  readonly action: Float32Array;
  /** After the world has moved on. Allocates only when it looks for a grasp. */
  update(): void;
}

export interface ExpertWorld {
  readonly robot: Robot;
  readonly engine: PhysicsEngine;
  readonly scene: SceneModel;
  readonly goal: TaskGoal;
  /** Updated before the expert. */
  readonly observer: StateObserver;
  /** Joint target of the last action (rad). */
  readonly target: Float64Array;
  readonly action: ActionKind;
  readonly period_s: number;
}

export function createExpert(world: ExpertWorld): Expert {
  return new CarryExpert(world);
}

function createChooser({ goal, scene }: ExpertWorld, grasps: GraspChoice): ErrandChooser {
  switch (goal.task) {
    case 'pick-place':
      return pickPlaceErrands(goal, scene, grasps);
    case 'sort':
      return sortErrands(goal, scene, grasps);
    case 'clutter':
      return clutterErrands(goal, scene, grasps);
    case 'inspect':
      return inspectErrands(goal, scene, grasps);
  }
}

/** Room over what the tool passes, m. */
export const OVER_M = 0.02;
/** A grasp is looked for anew when the object has moved so far or turned (m, parts of a quaternion). */
const MOVED = 0.002;

/** One object after the other, as the task's chooser says, until that finds nothing left to do. */
class CarryExpert implements Expert {
  readonly action: Float32Array;
  private readonly world: ExpertWorld;
  private readonly carrier = new Carrier();
  private readonly chooser: ErrandChooser;
  private readonly tip_reach_m: number;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly full: Float64Array;
  private readonly view: Mutable<CarryView>;
  private readonly ik: IkSolver;
  private readonly next = new Float64Array(12);
  private readonly misses: Int32Array;
  /** Tops of what never moves, m. */
  private readonly fixed_top_m: number;
  /** Object's pose when the present grasp was chosen. */
  private readonly grasped_at = new Float64Array(7).fill(Number.NaN);
  private errand: Errand | null = null;
  private job: CarryJob | null = null;

  constructor(world: ExpertWorld) {
    const { robot, scene } = world;
    this.world = world;
    this.action = new Float32Array(world.action === 'joint' ? robot.arm_joints + 1 : 5);
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.full = robot.home_q.slice();
    this.tip_reach_m = fingertipReach(robot);
    this.misses = new Int32Array(scene.objects.length);
    this.fixed_top_m = Math.max(0, ...(scene.fixtures ?? []).map(({ pose, size }) => pose.position[2] + size[2] / 2));
    this.view = {
      tool: world.observer.tool,
      commanded: new Float64Array(12),
      tool_velocity: world.observer.tool_velocity,
      gripper_width_m: 0,
      gripper_speed_m_s: 0,
      object: new Float64Array(13),
      gap_m: 0,
      touched: false,
      touches: false,
    };
    this.locate(robot.home_q, this.view.commanded);
    this.chooser = createChooser(world, new GraspChoice(robot, closingYaw(this.view.commanded)));
    this.ik = new IkSolver(robot, { position_tolerance_m: 1e-5, rotation_tolerance_rad: 1e-4, max_iterations: 12 });
  }

  update(): void {
    const { view, carrier } = this;
    const { phase } = carrier;
    if (this.errand === null || phase === 'done' || ((phase === 'above' || phase === 'descend') && this.hasMoved())) {
      this.plan();
    }
    const { errand, job } = this;
    if (errand === null || job === null) {
      // Whatever the hand still holds is where it belongs, or cannot be taken.
      this.action.fill(0);
      this.action[this.action.length - 1] = 1;
      return;
    }
    this.look(errand);
    carrier.update(job, view);
    if (carrier.failed) {
      this.misses[errand.object]++;
      this.grasped_at.fill(Number.NaN);
    }
    this.write();
  }

  private hasMoved(): boolean {
    const { grasped_at, view, errand } = this;
    if (errand === null) return true;
    this.world.engine.objectState(errand.object, view.object, 0);
    for (let k = 0; k < 7; k++) if (!(Math.abs(view.object[k] - grasped_at[k]) < MOVED)) return true;
    return false;
  }

  private look({ object, destination }: Errand): void {
    const { world, view } = this;
    const { engine, robot } = world;
    engine.objectState(object, view.object, 0);
    const finger = robot.gripper?.coordinate ?? 0;
    const { position, height_m } = standing(world.scene.objects[object].shape, view.object);
    view.gripper_width_m = 2 * engine.q[finger];
    view.gripper_speed_m_s = 2 * engine.v[finger];
    view.gap_m = position[2] - height_m / 2 - destination[2];
    view.touched = engine.handTouches(object);
    view.touches = view.touched;
    for (let i = 0; i < engine.object_count; i++) view.touches ||= engine.handTouches(i);
    this.locate(world.target, view.commanded);
  }

  /** Chooses anew; where nothing is left the last job stands, whose hand is empty and on its way up. */
  private plan(): void {
    const { world, carrier, view, tip_reach_m } = this;
    const { engine, scene } = world;
    const state = new Float64Array(13);
    const all = scene.objects.map(({ shape }, i): Standing => {
      engine.objectState(i, state, 0);
      return standing(shape, state);
    });
    const errand = this.chooser.choose(all, this.misses);
    if (errand === null) {
      if (carrier.phase !== 'done') this.errand = null;
      return;
    }
    const { grasp, destination, opening_m, release_m, plunge_m } = errand;
    engine.objectState(errand.object, view.object, 0);
    this.grasped_at.set(view.object.subarray(0, 7));
    const object = all[errand.object];
    const tops = all.map(({ position, height_m }) => position[2] + height_m / 2);
    const bottom = object.position[2] - object.height_m / 2;
    const over = Math.max(...tops, destination[2], this.fixed_top_m) + OVER_M;
    this.errand = errand;
    this.job = {
      grasp,
      opening_m,
      release_m,
      plunge_m,
      destination,
      travel_z_m: over + tip_reach_m,
      carry_z_m: over + grasp.tool_pose[11] - bottom,
    };
    carrier.restart();
  }

  private locate(q: Float64Array, pose: Float64Array): void {
    const { model } = this.world.robot;
    this.full.set(q);
    placeBodies(model, this.data, this.full, model.nb);
    framePose(model, this.data, this.frame, pose);
  }

  /** The carrier's wish as an action of the kind that was asked for. */
  private write(): void {
    const { action, carrier, world } = this;
    const { wanted } = carrier;
    const { robot, period_s } = world;
    const step_m = ACTION_SPEEDS.tool_m_s * period_s;
    const step_rad = ACTION_SPEEDS.yaw_rad_s * period_s;
    // One factor for all: limited one by one they would bend the way.
    const most = Math.max(
      1,
      Math.abs(wanted[0]) / step_m,
      Math.abs(wanted[1]) / step_m,
      Math.abs(wanted[2]) / step_m,
      Math.abs(wanted[3]) / step_rad,
    );
    const max_width_m = robot.gripper?.max_width_m ?? 1;
    action[action.length - 1] = Math.min(1, (2 * carrier.width_m) / max_width_m - 1);
    if (world.action === 'ee_delta') {
      for (let k = 0; k < 3; k++) action[k] = wanted[k] / most / step_m;
      action[3] = wanted[3] / most / step_rad;
      return;
    }
    this.writeJoints(most);
  }

  private writeJoints(most: number): void {
    const { action, carrier, world, next, view, ik } = this;
    const { wanted } = carrier;
    const yaw = closingYaw(view.commanded) + wanted[3] / most;
    const c = Math.cos(yaw);
    const s = Math.sin(yaw);
    next.set([-s, c, 0, c, s, 0, 0, 0, -1]);
    for (let k = 0; k < 3; k++) next[9 + k] = view.commanded[9 + k] + wanted[k] / most;
    const { q } = ik.solve(next, world.target, null, 0.02);
    const step_rad = ACTION_SPEEDS.joint_rad_s * world.period_s;
    let largest = 1;
    for (let j = 0; j < q.length; j++) largest = Math.max(largest, Math.abs(q[j] - world.target[j]) / step_rad);
    for (let j = 0; j < q.length; j++) action[j] = (q[j] - world.target[j]) / step_rad / largest;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
