import type { Detections, PickPlaceGoal } from '../../contracts/index.ts';
import { isHeldBack } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createTask } from '../../sim/index.ts';
import { type ActionMap, createActionMap } from '../env/actions.ts';
import { type EpisodeStatus, failed, GRIP_FORCE_N, RUNNING } from '../env/driven_cell.ts';
import { HandlingStages } from '../env/failure_stage.ts';
import { FeatureObserver } from '../env/feature_observer.ts';
import type { Feature } from '../env/features.ts';
import { type ObservationLayout, proprioceptionLayout } from '../env/layout.ts';
import { StateObserver, type ToldObjects } from '../env/state_observer.ts';
import { FeltObject } from './felt_object.ts';
import type { HeardRobot } from './heard_robot.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { PolicyWorld, TaskTime } from './policy_arm.ts';
import { seenAt } from './seen_object.ts';

/** Once the tool is so far from where it let go (m), it waits this long for pictures of what it put down (s). */
const OUT_OF_SIGHT_M = 0.04;
const LOOK_S = 1;
/** Pictures that have to show it. */
const PICTURES = 2;
const NO_OBJECTS: ToldObjects = { object_count: 0, objectState: () => {}, handTouches: () => false };
const NO_SCENE = { objects: [] };

export interface BusWorldParts {
  readonly robot: Robot;
  readonly heard: HeardRobot;
  readonly open: OpenPolicy;
  readonly goal: PickPlaceGoal;
  readonly time: TaskTime;
  /** Sends the arm's joints (rad) and the fingers (m apart, N). */
  readonly send: (position: Float64Array, width_m: number, force_N: number) => void;
}

/**
 * A robot on the bus as a policy is told it that knows of objects by pictures alone. The task is done when perception sees the
 * object where it should stand, let go of, in two pictures; its stages are what the fingers feel.
 */
export class BusWorld implements PolicyWorld {
  readonly layout: ObservationLayout;
  status: EpisodeStatus = RUNNING;
  private readonly parts: BusWorldParts;
  private readonly actions: ActionMap;
  private readonly observer: StateObserver;
  private readonly target: Float64Array;
  private readonly felt = new FeltObject();
  private readonly handling: HandlingStages;
  private readonly time_limit_s: number;
  private readonly finger: number;
  private sent_m: number;
  private judged: Detections | null = null;
  private standing = 0;
  /** Where the tool let go of an object that it had carried (m); NaN before. */
  private readonly let_go = new Float64Array(3).fill(Number.NaN);
  private looked_s = 0;

  constructor(parts: BusWorldParts) {
    const { robot, open, goal, heard } = parts;
    const { action, policy_hz } = open.policy.environment;
    this.parts = parts;
    this.layout = proprioceptionLayout(robot, 'pick-place');
    this.actions = createActionMap(action, robot, 1 / policy_hz);
    const order = { task: 'pick-place', ...goal } as const;
    this.observer = new StateObserver(robot, NO_OBJECTS, NO_SCENE, order, this.layout);
    this.target = heard.sent.slice();
    this.time_limit_s = createTask('pick-place').time_limit_s;
    this.finger = robot.gripper?.coordinate ?? -1;
    this.sent_m = this.width_m;
    this.look();
    this.handling = new HandlingStages(this.felt);
    this.begin();
  }

  begin(): void {
    this.target.set(this.parts.heard.sent);
    this.actions.reset(this.target);
  }

  features(wanted: readonly Feature[]): FeatureObserver {
    const { robot, goal } = this.parts;
    const { layout, target, actions } = this;
    const { tool } = this.observer;
    const order = { task: 'pick-place', ...goal } as const;
    const action = actions.names.length;
    const world = { robot, engine: NO_OBJECTS, scene: NO_SCENE, goal: order, layout, tool, target, action };
    return new FeatureObserver(world, wanted);
  }

  look(): void {
    const { position, velocity } = this.parts.heard;
    this.observer.update(position, velocity);
    this.felt.feel(this.observer.tool, this.width_m, this.opening_m_s, this.sent_m);
  }

  write(out: Float32Array): void {
    const { position, velocity, wrench } = this.parts.heard;
    const time_left = Math.max(0, 1 - this.parts.time.time_s / this.time_limit_s);
    const readings = { position, velocity, wrench, time_left, target: this.target };
    this.observer.writeProprioception(readings, out, 0);
  }

  act(action: ArrayLike<number>): void {
    const { robot, heard, send } = this.parts;
    const { target, actions } = this;
    // What is held back gives way to where it is.
    if (isHeldBack(heard.sent, heard.position, target.length))
      for (let j = 0; j < target.length; j++) target[j] = heard.position[j];
    actions.apply(action, 0, heard.sent, target);
    const opening = (1 + Math.min(1, Math.max(-1, action[actions.names.length - 1]))) / 2;
    this.sent_m = robot.gripper === null ? 0 : opening * robot.gripper.max_width_m;
    send(target, this.sent_m, GRIP_FORCE_N);
  }

  judge(): boolean {
    const { time } = this.parts;
    const carried = this.handling.furthest === 'transfer' || this.handling.furthest === 'place';
    this.handling.update(this.opening_m_s);
    if (carried && !this.felt.handTouches()) {
      this.let_go.set(this.observer.tool.subarray(9, 12));
      this.looked_s = 0;
    }
    const success = this.standing >= PICTURES;
    if (success) this.status = { ...RUNNING, terminated: true, success };
    else if (time.time_s >= this.time_limit_s)
      this.status = { ...failed('timeout', 'time is over'), terminated: false, truncated: true };
    else this.status = RUNNING;
    return success;
  }

  /** After every joint state: takes what was seen. */
  watch(passed_s: number): void {
    const { heard, goal } = this.parts;
    if (this.looks) this.looked_s += passed_s;
    if (heard.seen === null || heard.seen === this.judged) return;
    this.judged = heard.seen;
    this.standing = !this.felt.handTouches() && seenAt(heard.seen, goal) ? this.standing + 1 : 0;
  }

  /** Whether it is to wait for pictures of what it has put down: it has learned nothing to do after that. */
  get looks(): boolean {
    const { let_go, looked_s, standing } = this;
    const { tool } = this.observer;
    const away_m = Math.hypot(tool[9] - let_go[0], tool[10] - let_go[1], tool[11] - let_go[2]);
    return away_m > OUT_OF_SIGHT_M && looked_s < LOOK_S && standing < PICTURES && this.parts.heard.seen !== null;
  }

  get furthest_stage(): PolicyWorld['furthest_stage'] {
    return this.handling.furthest;
  }

  private get width_m(): number {
    return this.finger < 0 ? 0 : 2 * this.parts.heard.position[this.finger];
  }

  private get opening_m_s(): number {
    return this.finger < 0 ? 0 : 2 * this.parts.heard.velocity[this.finger];
  }
}
