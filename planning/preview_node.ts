import {
  ACTIONS,
  type GoalHandle,
  type Node,
  type NodeContext,
  type PickPlaceGoal,
  type PreviewPickResult,
} from '../contracts/index.ts';
import { ArmWatch } from './arm_watch.ts';
import { MotionPlanner } from './motion_planner.ts';
import type { PlanningNode, PlanningNodeOptions } from './node.ts';
import { PickPlanner } from './pick_planner.ts';
import { noPreview, previewPick } from './preview_pick.ts';
import { startTask } from './start_task.ts';
import { StepsRun } from './steps_run.ts';
import { TABLE_WORKCELL } from './workcell.ts';

export interface PreviewNodeOptions
  extends Pick<PlanningNodeOptions, 'robot' | 'workcell' | 'motion' | 'pick' | 'task' | 'input_timeout_s'> {
  /** Whose picks are shown; it is asked only. */
  readonly planning: Pick<PlanningNode, 'busy' | 'upcoming'>;
}

/**
 * The action /pick_place/preview: the pick that the planning node would make of a goal now, planned by the same steps and
 * from the same random stream with a planner of its own, and not carried out. While a task is under way there is none.
 */
export class PreviewNode implements Node {
  readonly name = 'preview';
  private readonly options: PreviewNodeOptions;
  private readonly watch: ArmWatch;
  private parts: { readonly context: NodeContext; readonly planner: PickPlanner } | null = null;
  private run: StepsRun<PreviewPickResult> | null = null;
  private unserve: () => void = () => {};

  constructor(options: PreviewNodeOptions) {
    this.options = options;
    this.watch = new ArmWatch(options.robot);
  }

  async configure(context: NodeContext): Promise<void> {
    const { robot, workcell = TABLE_WORKCELL, motion, pick } = this.options;
    this.parts = { context, planner: new PickPlanner(new MotionPlanner(robot, workcell, motion), pick) };
  }

  activate(): void {
    const { bus } = this.require().context;
    this.watch.start(bus, this.name);
    this.unserve = bus.serveAction(ACTIONS.preview_pick, (goal, handle) => this.accept(goal, handle));
  }

  deactivate(): void {
    this.unserve();
    this.run?.giveUp('the planning node was deactivated');
    this.watch.stop();
  }

  async cleanup(): Promise<void> {
    this.parts = null;
  }

  private accept(goal: PickPlaceGoal, handle: GoalHandle<object, PreviewPickResult>): void {
    const { context, planner } = this.require();
    const { planning, task, input_timeout_s = 2 } = this.options;
    // Who asks anew has changed their mind.
    this.run?.giveUp('another preview was asked for');
    const refusal = this.busyOr(this.watch.unready());
    if (refusal !== '') {
      handle.abort(noPreview(refusal));
      return;
    }
    planner.forget();
    const pick = startTask({ task: 'pick-place', ...goal }, planner, planning.upcoming(), task);
    const inputs = { context, name: this.name, watch: this.watch, input_timeout_s };
    const run = new StepsRun(inputs, previewPick(pick, planner.motion), (ended) => {
      if (this.run === run) this.run = null;
      // A task that began while pictures were waited for has moved the arm by now.
      const refused = ended.ok ? this.busyOr('') : ended.reason;
      const result = ended.ok && refused === '' ? ended.value : noPreview(refused);
      if (result.ok) handle.succeed(result);
      else handle.abort(result);
    });
    this.run = run;
    handle.onCancel(() => run.giveUp('canceled'));
    run.begin();
  }

  private busyOr(otherwise: string): string {
    return this.options.planning.busy ? 'a task is under way; its own plan is in /planning/markers' : otherwise;
  }

  private require() {
    if (this.parts === null) throw new Error('the preview node is not configured');
    return this.parts;
  }
}
