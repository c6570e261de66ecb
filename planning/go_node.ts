import {
  ACTIONS,
  type GoalHandle,
  type GoGoal,
  type GoPlace,
  type GoResult,
  type Node,
  type NodeContext,
  type Rng,
} from '../contracts/index.ts';
import { ArmWatch } from './arm_watch.ts';
import { planGo } from './go_plan.ts';
import { Manipulation } from './manipulation.ts';
import { MotionPlanner } from './motion_planner.ts';
import type { PlanningNode, PlanningNodeOptions } from './node.ts';
import type { Steps } from './requests.ts';
import { StepsRun } from './steps_run.ts';
import type { LimitScale } from './timing/index.ts';
import { TABLE_WORKCELL } from './workcell.ts';

export interface GoNodeOptions
  extends Pick<PlanningNodeOptions, 'robot' | 'rng' | 'workcell' | 'motion' | 'input_timeout_s'> {
  readonly planning: Pick<PlanningNode, 'busy'>;
}

/** Shares of the joints' limits: an operator follows it with their eyes. */
const PACE: LimitScale = { velocity: 0.2, acceleration: 0.15, jerk: 0.05 };

/** Looks, plans and goes; returns why it did not. */
export function* goTo(to: GoPlace, motion: MotionPlanner, rng: Rng): Steps<GoResult> {
  const arm = new Manipulation();
  const seen = yield* arm.look(() => true);
  const start = yield* arm.position();
  const finger_width_m = yield* arm.fingerWidth();
  const planned = planGo(motion, to, { start, finger_width_m, seen }, rng);
  if (!planned.ok) return planned;
  for (const { label, trajectory } of planned.value) yield* arm.move(label, trajectory);
  return { ok: true, reason: '' };
}

/**
 * The action /arm/go for operators: home or a little away, at a reduced pace, clear of what is seen. Refused while a task is
 * under way or the arm moves; cancelling brings the arm to rest.
 */
export class GoNode implements Node {
  readonly name = 'go';
  private readonly options: GoNodeOptions;
  private readonly watch: ArmWatch;
  private parts: { readonly context: NodeContext; readonly motion: MotionPlanner } | null = null;
  private run: StepsRun<GoResult> | null = null;
  private unserve: () => void = () => {};
  private goals = 0;

  constructor(options: GoNodeOptions) {
    this.options = options;
    this.watch = new ArmWatch(options.robot);
  }

  /** Whether it moves the arm, or is about to. */
  get busy(): boolean {
    return this.run !== null;
  }

  async configure(context: NodeContext): Promise<void> {
    const { robot, workcell = TABLE_WORKCELL, motion } = this.options;
    this.parts = { context, motion: new MotionPlanner(robot, workcell, { ...motion, scale: PACE }) };
  }

  activate(): void {
    const { bus } = this.require().context;
    this.watch.start(bus, this.name);
    this.unserve = bus.serveAction(ACTIONS.go, (goal, handle) => this.accept(goal, handle));
  }

  deactivate(): void {
    this.unserve();
    this.run?.giveUp('the planning node was deactivated');
    this.watch.stop();
  }

  async cleanup(): Promise<void> {
    this.parts = null;
  }

  private accept({ to }: GoGoal, handle: GoalHandle<object, GoResult>): void {
    const { context, motion } = this.require();
    const { rng, input_timeout_s = 2 } = this.options;
    const refusal = this.refusal();
    if (refusal !== '') {
      handle.abort({ ok: false, reason: refusal });
      return;
    }
    const steps = goTo(to, motion, rng.stream(`go/${++this.goals}`));
    const inputs = { context, name: this.name, watch: this.watch, input_timeout_s };
    const run = new StepsRun(inputs, steps, (ended) => {
      this.run = null;
      const result = ended.ok ? ended.value : { ok: false, reason: ended.reason };
      context.log.info({ to, ...result }, 'go');
      if (result.ok) handle.succeed(result);
      else handle.abort(result);
    });
    this.run = run;
    handle.onCancel(() => run.giveUp('canceled'));
    run.begin();
  }

  private refusal(): string {
    if (this.options.planning.busy) return 'a task is under way; cancel it first';
    return this.run !== null
      ? 'the arm goes somewhere already; cancel that first'
      : this.watch.stopped() || this.watch.unready();
  }

  private require() {
    if (this.parts === null) throw new Error('the go node is not configured');
    return this.parts;
  }
}
