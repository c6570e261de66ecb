import { type Bus, type Clock, type PickPlaceGoal, TOPICS } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { isOperating } from '../../safety/index.ts';
import type { SeatPictures } from '../learned/pictures.ts';
import { CONTROL_HZ } from '../rates.ts';
import { BusWorld } from './bus_world.ts';
import { HeardRobot } from './heard_robot.ts';
import type { OpenPolicy } from './open_offered.ts';
import { farFromHome, PAUSED, type PolicyArm, type PolicyPlace, type TaskTime, wrongMode } from './policy_arm.ts';
import { seenObject } from './seen_object.ts';
import { TopicEyes } from './topic_eyes.ts';

/** An arm that is to rest is told so again and again, every so often (s). */
const AGAIN_S = 0.04;
/** A controller that takes targets says so within this, and pictures that are late come within this (s). */
const ANSWER_S = 2;
/** How often a robot that has fallen silent is looked at (ms). */
const LOOK_MS = 100;
/** A picture older than this is not decided by, and where one was, none is before all are newer than this (s). */
const OLDEST_S = 0.4;
const FRESH_S = 0.2;
const NOTHING = new Float64Array(0);

export interface BusPlaceOptions {
  readonly bus: Bus;
  /** The robot's. */
  readonly clock: Clock;
  readonly robot: Robot;
  readonly policies: readonly OpenPolicy[];
  readonly now_ms: () => number;
  /** Source of /safety/external that has to be heard while a policy moves the arm. */
  readonly watched_by: string;
}

/** A robot on the bus, whose controller takes the targets of policies. */
export class BusPlace implements PolicyPlace {
  private readonly options: BusPlaceOptions;
  private readonly heard: HeardRobot;
  private readonly eyes: ReadonlyMap<OpenPolicy, TopicEyes>;
  private readonly cycled: (cycles: number) => void;
  private timer: NodeJS.Timeout | null = null;
  private arm: BusArm | null = null;
  private passed_s = 0;

  /** @param cycled  told of control cycles that have passed, also where they are only guessed of a robot that is silent */
  constructor(options: BusPlaceOptions, cycled: (cycles: number) => void) {
    const { bus, robot, policies, now_ms, watched_by } = options;
    this.options = options;
    this.cycled = cycled;
    this.heard = new HeardRobot({ bus, robot, now_ms, watched_by, onJoints: (passed_s) => this.pass(passed_s) });
    this.eyes = new Map(
      policies.flatMap((open) => {
        const { images } = open.policy.manifest;
        return images === undefined ? [] : [[open, new TopicEyes(bus, images)] as const];
      }),
    );
  }

  start(): void {
    this.heard.start();
    this.timer = setInterval(() => {
      if (this.heard.silent) this.cycled((LOOK_MS * CONTROL_HZ) / 1000);
    }, LOOK_MS);
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.heard.stop();
    for (const eyes of this.eyes.values()) eyes.close();
  }

  refusalOf(open: OpenPolicy): string {
    const { heard, options } = this;
    const { robot, clock } = options;
    if (heard.lost !== '') return heard.lost;
    if (heard.safety === null) return 'nothing is heard of the safety supervisor';
    const refused = wrongMode(heard.safety.mode);
    if (refused !== '') return refused;
    if (!heard.atRest) return 'the arm moves; wait until it rests';
    const far = farFromHome(heard.sent, robot.home_q, robot.arm_joints);
    return far || (this.eyes.get(open)?.blindness(clock.now_ns(), FRESH_S) ?? '');
  }

  begin(open: OpenPolicy, goal: PickPlaceGoal, time: TaskTime): PolicyArm {
    const { bus, clock, robot } = this.options;
    const { heard } = this;
    this.arm = new BusArm({ bus, clock, robot, heard, open, goal, time, eyes: this.eyes.get(open) ?? null });
    return this.arm;
  }

  private pass(passed_s: number): void {
    this.arm?.cycled(passed_s);
    // What is left over counts for the next.
    this.passed_s += passed_s;
    const cycles = Math.floor(this.passed_s * CONTROL_HZ + 1e-6);
    this.passed_s -= cycles / CONTROL_HZ;
    if (cycles > 0) this.cycled(cycles);
  }
}

interface BusArmParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly robot: Robot;
  readonly heard: HeardRobot;
  readonly open: OpenPolicy;
  readonly goal: PickPlaceGoal;
  readonly time: TaskTime;
  readonly eyes: TopicEyes | null;
}

/** The arm of a robot on the bus, sent by messages of /policy/joint_targets. */
class BusArm implements PolicyArm {
  readonly world: BusWorld;
  private readonly parts: BusArmParts;
  private readonly jogs: number;
  /** Whether it is told to rest, and whether that is over. */
  private holding = true;
  private released = false;
  /** Whether the controller has had its targets in force. */
  private taken = false;
  private age_s = 0;
  private blindness = '';
  private blind_s = 0;
  private since_s = AGAIN_S;
  private stamp_ns = -1n;

  constructor(parts: BusArmParts) {
    const { robot, heard, open, goal, time } = parts;
    this.parts = parts;
    this.jogs = heard.jogs;
    this.world = new BusWorld({
      ...{ robot, heard, open, goal, time },
      send: (position, width_m, force_N) => {
        this.holding = false;
        this.send(position, width_m, force_N);
      },
    });
  }

  /** After every joint state. */
  cycled(passed_s: number): void {
    if (this.released) return;
    this.age_s += passed_s;
    this.since_s += passed_s;
    this.look(passed_s);
    this.world.watch(passed_s);
    if (this.parts.heard.takesTargets) this.taken = true;
    if (this.holding && this.since_s >= AGAIN_S) this.rest();
  }

  get stopped(): string {
    const { mode, reasons } = this.parts.heard.safety ?? { mode: 'initialising', reasons: [] };
    if (!isOperating(mode)) return reasons.length === 0 ? mode : `${mode}: ${reasons.join('; ')}`;
    // The supervisor's word may come after the controller's.
    return this.dropped === 'gate' ? 'stopped' : '';
  }

  get lost(): string {
    const { heard } = this.parts;
    if (heard.lost !== '') return heard.lost;
    if (heard.jogs !== this.jogs) return 'an operator moves the arm';
    if (this.dropped === 'stale') return 'what it asked for came too late';
    if (this.dropped !== '') return 'somebody else moves the arm';
    if (!this.taken && this.age_s > ANSWER_S) return 'the arm’s controller takes no targets of policies';
    return this.blind_s > ANSWER_S ? this.blindness : '';
  }

  /** Why the controller follows its targets no longer; empty while it does, or has yet to begin. */
  private get dropped(): string {
    const { heard } = this.parts;
    return this.taken && !heard.takesTargets ? (heard.servo?.reason ?? 'none') : '';
  }

  get share(): number {
    const { heard } = this.parts;
    return heard.takesTargets && this.blindness === '' && !this.world.looks ? (heard.servo?.share ?? 0) : 0;
  }

  get waits(): string {
    return this.blindness || (this.world.looks ? 'it looks whether the object stands' : PAUSED);
  }

  private look(passed_s: number): void {
    const { eyes, clock } = this.parts;
    this.blindness = eyes?.blindness(clock.now_ns(), this.blindness === '' ? OLDEST_S : FRESH_S) ?? '';
    this.blind_s = this.blindness === '' ? 0 : this.blind_s + passed_s;
  }

  get atRest(): boolean {
    return this.parts.heard.atRest;
  }

  /** Its first action moves it; until then it is kept. */
  drive(): void {}

  hold(): void {
    this.holding = true;
    this.rest();
  }

  release(): void {
    this.released = true;
  }

  pictures(): SeatPictures | null {
    return this.parts.eyes?.look() ?? null;
  }

  locate(out: Float64Array): boolean {
    const { heard, goal } = this.parts;
    const found = heard.seen === null ? null : seenObject(heard.seen, goal);
    if (found !== null) out.set(found.pose.position);
    return found !== null;
  }

  operatorMotion(): null {
    return null;
  }

  private rest(): void {
    this.publish([], NOTHING, NOTHING);
  }

  private send(arm: Float64Array, width_m: number, force_N: number): void {
    const { arm_joints, gripper, model } = this.parts.robot;
    const names = model.joint_names.slice(0, arm_joints);
    if (gripper === null) {
      this.publish(names, arm.slice(), new Float64Array(arm_joints));
      return;
    }
    const effort = new Float64Array(arm_joints + 1);
    effort[arm_joints] = force_N;
    const position = Float64Array.of(...arm, width_m / 2);
    this.publish([...names, model.joint_names[gripper.coordinate]], position, effort);
  }

  /** Stamped by the joint state that it answers: by the robot's own clock, and never ahead of it. */
  private publish(names: readonly string[], position: Float64Array, effort: Float64Array): void {
    const { bus, heard } = this.parts;
    this.since_s = 0;
    this.stamp_ns = heard.stamp_ns > this.stamp_ns ? heard.stamp_ns : this.stamp_ns + 1n;
    const velocity = new Float64Array(names.length);
    bus.publish(TOPICS.policy_targets, { stamp_ns: this.stamp_ns, names, position, velocity, effort });
  }
}
