import {
  ACTIONS,
  type Detections,
  type EpisodeStage,
  InputError,
  type JointState,
  type Node,
  type NodeContext,
  type PickPlaceResult,
  type Rng,
  type SafetyState,
  type Subscription,
  secondsToStamp,
  type TaskGoal,
  TOPICS,
  type Wrench,
} from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { askPerson } from './ask_person.ts';
import type { TaskOptions } from './manipulation.ts';
import { MotionPlanner, type PlannerOptions } from './motion_planner.ts';
import { type PickOptions, PickPlanner } from './pick_planner.ts';
import { PlanMarkers } from './plan_markers.ts';
import type { TaskEvent, TaskRequest } from './requests.ts';
import { type ActionRequest, type Ended, sendRequest } from './send_request.ts';
import { startTask } from './start_task.ts';
import { type TaskHandle, TaskJob } from './task_job.ts';
import { TouchWatch } from './touch_watch.ts';
import { furnished, TABLE_WORKCELL, type Workcell } from './workcell.ts';

export interface PlanningNodeOptions {
  readonly robot: Robot;
  /** Stream of the search; each goal draws its own from it. */
  readonly rng: Rng;
  readonly workcell?: Workcell;
  readonly motion?: PlannerOptions;
  readonly pick?: PickOptions;
  readonly task?: TaskOptions;
  /** A goal that waits this long for a picture or a joint state is given up (s). */
  readonly input_timeout_s?: number;
  /** Whether something else moves the arm now: goals are refused then. */
  readonly taken?: () => boolean;
  /** Wall time for the latency reports (s); by default none is measured. */
  readonly stopwatch?: () => number;
}

/**
 * The tasks of a cell as actions on the bus: drives a task's requests by detections, joint states and the actions of
 * controller and perception. Everything happens within the handlers of messages; nothing waits on promises.
 */
export class PlanningNode implements Node {
  readonly name = 'planning';
  private readonly options: PlanningNodeOptions;
  private readonly stopwatch: () => number;
  private context: NodeContext | null = null;
  private planner: PickPlanner | null = null;
  private markers: PlanMarkers | null = null;
  private subscriptions: Subscription[] = [];
  private sight: Subscription | null = null;
  private unserve: readonly (() => void)[] = [];
  private job: TaskJob | null = null;
  private goals = 0;
  private joints: JointState | null = null;
  private wrench: Wrench | null = null;
  private readonly touch = new TouchWatch();
  private safety: SafetyState | null = null;
  private pumping = false;

  constructor(options: PlanningNodeOptions) {
    this.options = options;
    this.stopwatch = options.stopwatch ?? (() => 0);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.planner = this.plannerIn(this.options.workcell ?? TABLE_WORKCELL);
    this.markers = new PlanMarkers(this.options.robot, context);
  }

  activate(): void {
    const { bus } = this.require();
    this.subscriptions = [
      bus.subscribe(TOPICS.joint_states, this.name, (message) => this.onJointState(message)),
      bus.subscribe(TOPICS.wrench, this.name, (message) => this.onWrench(message)),
      bus.subscribe(TOPICS.safety_state, this.name, (message) => this.onSafety(message)),
    ];
    this.unserve = [
      bus.serveAction(ACTIONS.pick_place, (goal, handle) => this.accept({ task: 'pick-place', ...goal }, handle)),
      bus.serveAction(ACTIONS.task, (goal, handle) => this.accept(goal, handle)),
    ];
  }

  deactivate(): void {
    for (const unserve of this.unserve) unserve();
    this.unserve = [];
    if (this.job !== null) this.cancel(this.job, 'the planning node was deactivated');
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.lookAway();
  }

  async cleanup(): Promise<void> {
    this.context = null;
    this.planner = null;
    this.markers = null;
  }

  /** Whether a goal is under way. */
  get busy(): boolean {
    return this.job !== null;
  }

  /** The random stream that the next goal draws from. */
  upcoming(): Rng {
    return this.options.rng.stream(`pick_place/${this.goals + 1}`);
  }

  private plannerIn(workcell: Workcell): PickPlanner {
    const { robot, motion, pick } = this.options;
    return new PickPlanner(new MotionPlanner(robot, workcell, motion), pick);
  }

  private accept(goal: TaskGoal, handle: TaskHandle): void {
    const { clock } = this.require();
    if (this.job !== null || this.planner === null || this.options.taken?.()) {
      handle.abort({ ok: false, stage: 'plan', reason: 'another goal is under way; cancel it first', attempts: 0 });
      return;
    }
    const rng = this.upcoming();
    const id = ++this.goals;
    const { workcell } = this.planner.motion;
    const here = furnished(workcell, goal);
    const planner = here === workcell ? this.planner : this.plannerIn(here);
    planner.forget();
    const steps = startTask(goal, planner, rng, this.options.task);
    const job = new TaskJob({ id, handle, steps, planner, start_ns: clock.now_ns() });
    this.job = job;
    handle.onCancel(() => this.cancel(job, 'canceled'));
    if (this.stopped()) {
      this.finish(job, this.safetyResult(job));
      return;
    }
    this.advance(job, null);
  }

  /** Hands events to the task and its requests to the world until one has to be waited for. */
  private advance(job: TaskJob, event: TaskEvent | null): void {
    if (event?.kind === 'detections') this.markers?.see(event.detections);
    if (event !== null) job.events.push(event);
    if (this.pumping) return;
    this.pumping = true;
    try {
      let first = event === null;
      while (this.job === job && job.given_up === '' && (first || job.events.length > 0)) {
        const began_s = this.stopwatch();
        const next = first ? job.steps.next() : job.steps.next(job.events.shift() as TaskEvent);
        job.planning_s += this.stopwatch() - began_s;
        first = false;
        if (next.done) this.finish(job, next.value);
        else this.request(job, next.value);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.job === job) this.finish(job, job.failed('invalid', reason));
      throw error;
    } finally {
      this.pumping = false;
    }
  }

  /** How long the plan took, for the frame it was made on. */
  private reportLatency({ request_id, planning_s }: TaskJob): void {
    const { bus, clock } = this.require();
    const latency = {
      stage: 'plan',
      request_id,
      pre_s: 0,
      model_s: planning_s,
      post_s: 0,
      queue: 0,
      dropped: 0,
      model: '',
    };
    bus.publish(TOPICS.latency, { stamp_ns: clock.now_ns(), ...latency });
  }

  private request(job: TaskJob, request: TaskRequest): void {
    const { bus, clock } = this.require();
    this.markers?.follow(request);
    switch (request.kind) {
      case 'stage':
        this.enter(job, request);
        this.advance(job, { kind: 'noted', time_s: this.time(job) });
        return;
      case 'detect':
        job.waiting = 'detect';
        job.since_ns = clock.now_ns();
        this.sight ??= bus.subscribe(TOPICS.detections, this.name, (message) => this.onDetections(message));
        this.startTimer(job, 'perceive', 'no detections arrive; is the perception node active?');
        return;
      case 'state':
        if (this.joints !== null) this.answerState(job, this.joints);
        else {
          job.waiting = 'state';
          this.startTimer(job, job.stage, 'no joint states arrive; is the control node active?');
        }
        return;
      case 'ask':
        this.ask(job, request.doubt);
        return;
      default:
        this.send(job, request);
        return;
    }
  }

  /** The arm rests while a person thinks. */
  private ask(job: TaskJob, doubt: Detections): void {
    const { bus, clock } = this.require();
    let ended = false;
    const cancel = askPerson(bus, clock, this.name, doubt, (end) => {
      ended = true;
      job.stopTimer = () => {};
      if (this.job === job) this.advance(job, { kind: 'asked', time_s: this.time(job), ...end });
    });
    if (!ended) job.stopTimer = cancel;
  }

  private enter(job: TaskJob, { name, attempt, reason }: Extract<TaskRequest, { kind: 'stage' }>): void {
    const planned = job.stage === 'plan';
    if (planned) this.reportLatency(job);
    job.planning_s = 0;
    job.stage = name;
    job.attempt = attempt;
    this.require().log.debug({ stage: name, attempt, reason }, 'stage');
    job.handle.feedback({ stage: name, reason, attempt, ...(planned ? { plan_stages: job.planner.report() } : {}) });
  }

  /** Sends a goal; without a server for it the task ends. */
  private send(job: TaskJob, request: ActionRequest): void {
    const { bus } = this.require();
    job.busy = true;
    job.sent = null;
    this.touch.begin(request.kind === 'move' ? request.most_N : undefined, this.wrench);
    const blame = (ok: boolean, reason: string) => {
      const stopped_by_safety = !ok && (this.stopped() || reason.includes('safety'));
      const reasons = stopped_by_safety ? (this.safety?.reasons ?? []) : [];
      return { stopped_by_safety, reason: [reason, ...reasons].join('; ') };
    };
    try {
      const sent = sendRequest(
        bus,
        request,
        () => this.time(job),
        blame,
        (ended) => this.settle(job, this.touch.explain(ended)),
      );
      if (job.busy) job.sent = sent;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      job.busy = false;
      this.finish(job, job.failed(job.stage, error.message));
    }
  }

  /** What was sent has come to its end. */
  private settle(job: TaskJob, ended: Ended): void {
    job.busy = false;
    job.sent = null;
    if (this.job !== job) return;
    if (job.given_up !== '') this.finish(job, job.failed(job.stage, job.given_up));
    else if (!ended.ok) this.finish(job, job.failed(job.stage, ended.reason));
    else if (ended.event.kind !== 'moved' && this.stopped()) this.finish(job, this.safetyResult(job));
    else this.advance(job, ended.event);
  }

  private cancel(job: TaskJob, reason: string): void {
    if (this.job !== job || job.given_up !== '') return;
    job.given_up = reason;
    // the arm comes to rest first; its controller's answer ends the goal
    if (job.busy && job.sent !== null) job.sent.cancel();
    else this.finish(job, job.failed(job.stage, reason));
  }

  private finish(job: TaskJob, ended: PickPlaceResult): void {
    this.job = null;
    const result = job.end(ended);
    this.markers?.clear();
    const { log } = this.require();
    if (result.ok) log.info({ attempts: result.attempts }, 'task done');
    else log.warn({ stage: result.stage, reason: result.reason, attempts: result.attempts }, 'task failed');
    if (result.ok) job.handle.succeed(result);
    else job.handle.abort(result);
  }

  private onDetections(message: Detections): void {
    const { job } = this;
    if (job?.waiting !== 'detect' || message.stamp_ns < job.since_ns) return;
    job.waiting = null;
    job.stopTimer();
    job.request_id = message.request_id;
    this.advance(job, { kind: 'detections', time_s: this.time(job), detections: message });
    if (this.job?.waiting !== 'detect') this.lookAway();
  }

  /** Detections are subscribed to only while they are waited for, so that perception rests meanwhile. */
  private lookAway(): void {
    this.sight?.unsubscribe();
    this.sight = null;
  }

  private onJointState(message: JointState): void {
    this.joints = message;
    const { job } = this;
    if (job?.waiting !== 'state') return;
    job.waiting = null;
    job.stopTimer();
    this.answerState(job, message);
  }

  private onWrench(message: Wrench): void {
    this.wrench = message;
    const { job } = this;
    if (job?.busy && this.touch.feel(message)) job.sent?.cancel();
  }

  private onSafety(message: SafetyState): void {
    this.safety = message;
    const { job } = this;
    if (job !== null && !job.busy && !this.pumping && this.stopped()) this.finish(job, this.safetyResult(job));
  }

  private answerState(job: TaskJob, joints: JointState): void {
    const { robot } = this.options;
    const finger_width_m = robot.gripper === null ? 0 : 2 * joints.position[robot.gripper.coordinate];
    const q = joints.position.slice(0, robot.arm_joints);
    this.advance(job, { kind: 'state', time_s: this.time(job), q, finger_width_m, wrench: this.wrench });
  }

  private startTimer(job: TaskJob, stage: EpisodeStage, reason: string): void {
    const { clock } = this.require();
    const seconds = this.options.input_timeout_s ?? 2;
    job.stopTimer();
    job.stopTimer = clock.schedule(clock.now_ns() + secondsToStamp(seconds), () => {
      if (this.job === job) this.finish(job, job.failed(stage, `for ${seconds} s ${reason}`));
    });
  }

  private stopped(): boolean {
    return this.safety !== null && (this.safety.mode === 'protective_stop' || this.safety.mode === 'fault');
  }

  private safetyResult(job: TaskJob): PickPlaceResult {
    const reasons = this.safety?.reasons.join('; ') ?? '';
    return job.failed('safety', `stopped by the safety gate in ${job.stage}${reasons === '' ? '' : `: ${reasons}`}`);
  }

  private time(job: TaskJob): number {
    return job.time_s(this.require().clock.now_ns());
  }

  private require(): NodeContext {
    if (this.context === null) throw new Error('the planning node is not configured');
    return this.context;
  }
}
