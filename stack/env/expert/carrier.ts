import type { Vector3 } from '../../../contracts/index.ts';
import type { Grasp } from '../../../planning/index.ts';
import { closingYaw } from '../tool_target.ts';
import { wrapAngle } from './grasp_choice.ts';

/** What a carrier sees in every step; frame world, SI units. */
export interface CarryView {
  /** Tool frame as it is and as it is commanded: rotation row-major 9, position 3. */
  readonly tool: Float64Array;
  readonly commanded: Float64Array;
  readonly tool_velocity: Float64Array;
  readonly gripper_width_m: number;
  readonly gripper_speed_m_s: number;
  /** Of the object: centre, height of its lowest point over what it is to stand on, whether the hand touches it. */
  readonly object: Float64Array;
  readonly gap_m: number;
  readonly touched: boolean;
  /** Whether the hand touches this or another object. */
  readonly touches: boolean;
}

/** A job: take an object by a grasp and stand it on a place. */
export interface CarryJob {
  readonly grasp: Grasp;
  /** Distance between the fingers on the way to the object. */
  readonly opening_m: number;
  /** How much further than the object the fingers open to let go of it. */
  readonly release_m: number;
  /** Most that the commanded tool goes up or down in one step between other things: fast motions bend sideways. */
  readonly plunge_m: number;
  readonly destination: Vector3;
  /** Heights of the tool at which it passes over everything, empty and with the object in the hand. */
  readonly travel_z_m: number;
  readonly carry_z_m: number;
}

export const CARRY_PHASES = [
  'above',
  'descend',
  'close',
  'lift',
  'transfer',
  'lower',
  'open',
  'retreat',
  'done',
] as const;
export type CarryPhase = (typeof CARRY_PHASES)[number];

/** Across: as near as this before the tool goes down; down and gap: before the fingers move (m, rad). */
const ACROSS_M = 0.004;
const YAW_RAD = 0.03;
const DOWN_M = 0.003;
const GAP_M = 0.002;
const PLACED_M = 0.003;
/** On its way down already, whoever brought it there: near enough to go on (m, rad), and so far off that it has to go up again (m). */
const NEARLY_M = 0.01;
const NEARLY_RAD = 0.1;
const ASTRAY_M = 0.02;
/** As much lower than it travels is on its way down (m). */
const LOW_M = 0.02;
/** At rest enough to go on: tool (m/s), fingers (m/s). */
const STILL_M_S = 0.05;
/** A hand on its way down that touches something and is slower than this stands on it (m/s). */
const STANDS_M_S = 0.03;
const FINGERS_STILL_M_S = 0.003;
/** Steps: fingers at rest before a grasp is believed, without touch before an object is lost, before a wait is given up. */
const STILL_STEPS = 3;
const LOST_STEPS = 4;
const PATIENCE_STEPS = 25;
/** Fastest way down with an object (m a step), and where it waits on this way over its place (m). */
const LOWER_STEP_M = -0.01;
const HOVER_M = 0.008;
/** So near above an object the tool need not rise first (m). */
const NEAR_M = 0.012;
/** How much closer than the object's width fingers come that have missed it (m). */
const MISSED_M = 0.008;
/** How near to the object's width fingers are that hold it (m). */
const HOLDS_M = 0.004;

/**
 * Pick and place as a reactive machine: every step it looks where tool, fingers and object are, and says where the tool and
 * the fingers should go next. It can be asked on the way of any other policy: whatever that does, the answer fits the
 * present state.
 */
export class Carrier {
  phase: CarryPhase = 'above';
  /** Whether the last update gave an attempt up: the object slipped, or the hand came to stand on something. */
  failed = false;
  /** Displacement wanted of the commanded tool: x, y, z (m) and yaw (rad), unlimited. */
  readonly wanted = new Float64Array(4);
  /** Distance wanted between the fingers, m. */
  width_m = 0;
  private waited = 0;
  private still = 0;
  private untouched = 0;
  /** Whether the object has come to hover over its place. */
  private settled = false;

  restart(): void {
    this.enter('above');
  }

  update(job: CarryJob, view: CarryView): void {
    this.failed = false;
    this.advance(job, view);
    this.steer(job, view);
  }

  private enter(phase: CarryPhase): void {
    this.phase = phase;
    this.waited = 0;
    this.still = 0;
    this.untouched = 0;
    this.settled = false;
  }

  private giveUp(): void {
    this.enter('above');
    this.failed = true;
  }

  private advance(job: CarryJob, view: CarryView): void {
    const { tool } = view;
    const { tool_pose, width_m } = job.grasp;
    this.waited++;
    this.untouched = view.touched ? 0 : this.untouched + 1;
    const v = view.tool_velocity;
    const still = v[0] * v[0] + v[1] * v[1] + v[2] * v[2] < STILL_M_S * STILL_M_S;
    const across = Math.hypot(tool_pose[9] - tool[9], tool_pose[10] - tool[10]);
    const turned = Math.abs(wrapAngle(job.grasp.closing_yaw_rad - closingYaw(tool)));
    switch (this.phase) {
      case 'above': {
        const low = isRoomy(job) && tool[11] < job.travel_z_m - LOW_M;
        const ready = across < (low ? NEARLY_M : ACROSS_M) && turned < (low ? NEARLY_RAD : YAW_RAD);
        if (holds(job, view)) this.enter(withObject(job, view));
        else if (ready && this.isOpened(job, view)) this.enter('descend');
        break;
      }
      case 'descend':
        if (holds(job, view)) this.enter(withObject(job, view));
        else if (across > 4 * ACROSS_M) this.enter('above');
        else if (standsOn(job, view)) this.giveUp();
        else if ((still && Math.abs(tool[11] - tool_pose[11]) < DOWN_M) || this.waited > 2 * PATIENCE_STEPS)
          this.enter('close');
        break;
      case 'close': {
        const resting = Math.abs(view.gripper_speed_m_s) < FINGERS_STILL_M_S;
        this.still = resting ? this.still + 1 : 0;
        if (view.gripper_width_m < width_m - MISSED_M || this.waited > PATIENCE_STEPS) this.giveUp();
        else if (view.touched && this.still >= STILL_STEPS) this.enter('lift');
        break;
      }
      case 'lift':
        if (this.lost()) this.giveUp();
        else if (isRoomy(job) && offPlace(job, view) < NEARLY_M) this.enter('lower');
        else if (tool[11] > job.carry_z_m - 0.015) this.enter('transfer');
        break;
      case 'transfer':
        if (this.lost()) this.giveUp();
        else if (still && isOver(job, view)) this.enter('lower');
        else if (isRoomy(job) && tool[11] < job.carry_z_m - LOW_M && offPlace(job, view) < NEARLY_M)
          this.enter('lower');
        break;
      case 'lower':
        if (this.lost()) this.giveUp();
        else if (isRoomy(job) && view.gap_m > HOVER_M && offPlace(job, view) > ASTRAY_M) this.enter('lift');
        else if (view.gap_m < GAP_M && this.settled) this.enter('open');
        else if (this.waited > 3 * PATIENCE_STEPS) this.enter('open');
        else if (this.waited > 2 * PATIENCE_STEPS) this.settled = true;
        else this.settled ||= view.gap_m < 2 * HOVER_M && offPlace(job, view) < (isRoomy(job) ? 2 : 1) * PLACED_M;
        break;
      case 'open':
        if ((!view.touched && view.gripper_width_m > width_m + 0.8 * job.release_m) || this.waited > PATIENCE_STEPS)
          this.enter('retreat');
        break;
      case 'retreat':
        if (tool[11] > job.travel_z_m - 0.02) this.enter('done');
        break;
      case 'done':
        break;
    }
  }

  /** Whether the fingers are wide enough for the object, and narrow enough for what is beside it. */
  private isOpened({ grasp, opening_m }: CarryJob, { gripper_width_m: width_m }: CarryView): boolean {
    return width_m > grasp.width_m + 0.004 && width_m < opening_m + 0.004;
  }

  private lost(): boolean {
    return this.untouched > LOST_STEPS;
  }

  private steer(job: CarryJob, view: CarryView): void {
    const { wanted } = this;
    const { tool, commanded } = view;
    const { tool_pose, closing_yaw_rad, width_m } = job.grasp;
    wanted.fill(0);
    switch (this.phase) {
      case 'above':
        this.width_m = job.opening_m;
        this.approach(job, commanded);
        break;
      case 'descend':
        this.width_m = job.opening_m;
        for (let k = 0; k < 3; k++) wanted[k] = tool_pose[9 + k] - commanded[9 + k];
        wanted[2] = Math.max(wanted[2], -job.plunge_m);
        break;
      case 'close':
        this.width_m = 0;
        if (isRoomy(job)) for (let k = 0; k < 3; k++) wanted[k] = tool_pose[9 + k] - commanded[9 + k];
        return;
      case 'lift':
        this.width_m = 0;
        wanted[2] = Math.min(job.carry_z_m - commanded[11], job.plunge_m);
        break;
      case 'transfer':
        this.width_m = 0;
        this.bring(job, view);
        wanted[2] = job.carry_z_m - commanded[11];
        break;
      case 'lower':
        this.width_m = 0;
        if (isRoomy(job)) this.bring(job, view);
        // The arm swings out on the way down: the last bit waits until it is back over the place. Then half a millimetre
        // into the table, so that the last of the gap closes.
        wanted[2] = tool[11] - view.gap_m + (this.settled ? -5e-4 : HOVER_M) - commanded[11];
        wanted[2] = Math.max(wanted[2], LOWER_STEP_M);
        break;
      case 'open':
        this.width_m = width_m + job.release_m;
        return;
      case 'retreat':
      case 'done':
        this.width_m = width_m + job.release_m;
        wanted[2] = Math.min(job.travel_z_m - commanded[11], job.plunge_m);
        return;
    }
    if (this.phase === 'above' || this.phase === 'descend')
      wanted[3] = wrapAngle(closing_yaw_rad - closingYaw(commanded));
  }

  /** Across, so that the object comes over its place. */
  private bring({ destination }: CarryJob, { object, tool, commanded }: CarryView): void {
    for (let k = 0; k < 2; k++) this.wanted[k] = destination[k] - (object[k] - tool[9 + k]) - commanded[9 + k];
  }

  /** Up first where the tool is low and far from above the object, then across at the travel height. */
  private approach(job: CarryJob, commanded: Float64Array): void {
    const { wanted } = this;
    const { tool_pose } = job.grasp;
    const dx = tool_pose[9] - commanded[9];
    const dy = tool_pose[10] - commanded[10];
    const below = job.travel_z_m - commanded[11];
    wanted[2] = below;
    const near = dx * dx + dy * dy < NEAR_M * NEAR_M;
    if (!near && below > 0.02) return;
    wanted[0] = dx;
    wanted[1] = dy;
  }
}

/** Whether something keeps the hand from coming down any farther. */
function standsOn({ grasp }: CarryJob, { touches, tool, tool_velocity }: CarryView): boolean {
  return touches && tool_velocity[2] > -STANDS_M_S && tool[11] - grasp.tool_pose[11] > 2 * DOWN_M;
}

function isOver(job: CarryJob, view: CarryView): boolean {
  return offPlace(job, view) < PLACED_M;
}

/** Whether there is room about the object to be forgiving: between other things every motion is as it was planned. */
function isRoomy({ plunge_m }: CarryJob): boolean {
  return plunge_m === Number.POSITIVE_INFINITY;
}

/** How far the object is from over its place, m. */
function offPlace({ destination }: CarryJob, { object }: CarryView): number {
  return Math.hypot(object[0] - destination[0], object[1] - destination[1]);
}

/** Whether the fingers have the object already, though another brought the hand there. */
function holds(job: CarryJob, { touched, gripper_width_m }: CarryView): boolean {
  return isRoomy(job) && touched && Math.abs(gripper_width_m - job.grasp.width_m) < HOLDS_M;
}

/** What a hand that holds its object goes on with. */
function withObject(job: CarryJob, view: CarryView): CarryPhase {
  if (view.gap_m < 2 * GAP_M) return 'close';
  return offPlace(job, view) < NEARLY_M ? 'lower' : 'lift';
}
