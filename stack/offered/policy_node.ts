import {
  ACTIONS,
  type Detections,
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  type GoalHandle,
  InputError,
  type Node,
  type NodeContext,
  type RunPolicyFeedback,
  type RunPolicyGoal,
  type RunPolicyResult,
  type Subscription,
  TOPICS,
} from '../../contracts/index.ts';
import { FrameStore, refusalOf } from '../../perception/index.ts';
import { CONTROL_HZ } from '../rates.ts';
import { type ExamplesPlace, keepExample } from './keep_example.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { PolicyArm, PolicyPlace } from './policy_arm.ts';
import { PolicyDrive } from './policy_drive.ts';
import { GO_ON, questionOfPolicy } from './policy_question.ts';
import { RunExample } from './run_example.ts';

export interface PolicyNodeOptions {
  readonly place: PolicyPlace;
  readonly policies: readonly OpenPolicy[];
  /** How long a person has to answer before the policy ends (s). Default 60. */
  readonly answer_within_s?: number;
  /** Where what people answer, and do in a policy's place, is kept to learn from; by default nowhere. */
  readonly examples?: ExamplesPlace | undefined;
}

const TOLD_CYCLES = CONTROL_HZ / 5;
/** Of the camera that sees the whole table. */
const FRAME = 'overview/';

type Handle = GoalHandle<RunPolicyFeedback, RunPolicyResult>;

interface Run {
  readonly open: OpenPolicy;
  readonly goal: RunPolicyGoal;
  readonly handle: Handle;
  readonly arm: PolicyArm;
  readonly drive: PolicyDrive;
  readonly example: RunExample;
  question: Escalation | null;
  cancelTimer: () => void;
  told: string;
}

/**
 * Learned policies of a place on the bus: what is offered, and the action that runs one of them. An unsure policy holds the
 * arm and asks a person; without a yes it ends. Whoever knows of the place's control cycles calls `cycled` after them.
 */
export class PolicyNode implements Node {
  readonly name = 'policies';
  private readonly options: PolicyNodeOptions;
  private readonly frames = new FrameStore(1);
  private context: NodeContext | null = null;
  private subscriptions: Subscription[] = [];
  private unserve = (): void => {};
  private run: Run | null = null;
  /** A run that has ended, after which an operator may go on. */
  private after: Pick<Run, 'open' | 'example'> | null = null;
  private keeping: Promise<void> = Promise.resolve();
  private seen: Detections | null = null;
  private cycles = 0;

  constructor(options: PolicyNodeOptions) {
    this.options = options;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    const { bus, clock } = this.required();
    this.frames.listen(bus, this.name);
    this.subscriptions = [
      bus.subscribe(TOPICS.escalation_answers, this.name, (answer) => this.take(answer)),
      bus.subscribe(TOPICS.operator_jog, this.name, (jog) => this.after?.example.jogged(jog)),
      bus.subscribe(TOPICS.detections, this.name, (seen) => {
        if (seen.request_id.startsWith(FRAME)) this.seen = seen;
      }),
    ];
    this.unserve = bus.serveAction(ACTIONS.run_policy, (goal, handle) => this.accept(goal, handle));
    const policies = this.options.policies.map(({ offered }) => offered);
    bus.publish(TOPICS.offered_policies, { stamp_ns: clock.now_ns(), policies });
  }

  deactivate(): void {
    const { run } = this;
    this.unserve();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.frames.close();
    this.keep('the cell ends');
    if (run === null) return;
    run.drive.stop('the cell ends');
    this.withdraw(run, 'the cell ends');
  }

  async cleanup(): Promise<void> {
    await this.keeping;
    for (const { network } of this.options.policies) await network.close();
    this.context = null;
  }

  /** After cycles of control, one by default; in lock-step the next one waits for what it gives. */
  cycled(cycles = 1): Promise<void> | undefined {
    const { run, after } = this;
    if (run === null) {
      if (after?.example.cycled() === true) this.keep('');
      return undefined;
    }
    const thinking = run.drive.cycled(cycles);
    if (this.run === run) this.tell(run, cycles);
    return thinking;
  }

  private accept(goal: RunPolicyGoal, handle: Handle): void {
    const { place, policies } = this.options;
    const open = policies.find(({ offered }) => offered.model_sha256 === goal.model_sha256);
    const refusal = open === undefined ? 'no such policy is offered here' : this.refusalOf(open);
    if (open === undefined || refusal !== '') {
      handle.abort({ ok: false, stage: 'plan', reason: refusal, time_s: 0 });
      return;
    }
    const { object, target } = goal;
    this.keep('a policy has begun');
    try {
      const example = new RunExample(open, { object, target }, this.required().clock.now_ns());
      const time = { time_s: 0 };
      const arm = place.begin(open, { object, target }, time);
      const drive = new PolicyDrive({
        ...{ open, arm, time },
        onStep: (observation, action) => example.step(observation, action),
        onAsk: (why) => void this.ask(run, why),
        onEnd: (result) => this.end(run, result),
      });
      const run: Run = { open, goal, handle, arm, drive, example, question: null, cancelTimer: () => {}, told: '' };
      this.run = run;
      handle.onCancel(() => drive.stop('cancelled'));
      const { name, model_sha256 } = open.offered;
      this.required().log.info({ policy: name, model_sha256, ...object, target: target.join(' ') }, 'policy started');
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      handle.abort({ ok: false, stage: 'plan', reason: error.message, time_s: 0 });
    }
  }

  /** Why it cannot begin now; empty where it can. */
  private refusalOf(open: OpenPolicy): string {
    if (this.run !== null) return `${this.run.open.offered.name} runs already; cancel it first`;
    return this.options.place.refusalOf(open);
  }

  private end(run: Run, result: RunPolicyResult): void {
    this.withdraw(run, 'the policy has ended');
    this.tell(run);
    this.run = null;
    this.after = run;
    run.example.ended(result, (rows) => run.arm.operatorMotion(rows));
    const { log } = this.required();
    log.info({ policy: run.open.offered.name, ...result }, 'policy ended');
    if (result.ok) run.handle.succeed(result);
    else run.handle.abort(result);
  }

  /** What has changed, and five times a second. */
  private tell(run: Run, cycles = 0): void {
    const { bus, clock } = this.required();
    const { phase, stage, reason, confidence, time_s } = run.drive;
    const told = `${phase} ${stage} ${reason}`;
    this.cycles += cycles;
    if (told === run.told && this.cycles < TOLD_CYCLES) return;
    run.told = told;
    this.cycles = 0;
    const progress = { phase, stage, reason, confidence, time_s };
    const { name: policy, model_sha256 } = run.open.offered;
    bus.publish(TOPICS.policy_run, { stamp_ns: clock.now_ns(), policy, model_sha256, ...progress });
    run.handle.feedback(progress);
  }

  private async ask(run: Run, why: string): Promise<void> {
    const { answer_within_s = 60 } = this.options;
    const { bus, clock, log } = this.required();
    const frame = this.frames.newest(FRAME);
    if (frame === null) {
      run.drive.stop(`${why}; there is no picture to ask a person about`);
      return;
    }
    const { open, goal } = run;
    const facts = { asked_by: this.name, now_ns: clock.now_ns(), answer_within_s, open, goal, why, frame };
    const question = await questionOfPolicy({ ...facts, seen: this.seen });
    if (this.run !== run || run.drive.phase !== 'asking') return;
    run.question = question;
    run.example.ask(question, run.drive.confidence);
    run.cancelTimer = clock.schedule(question.expires_ns + 1n, () => {
      const reason = `nobody answered within ${answer_within_s} s`;
      this.close(run, { end: 'expired', answer: '', by: '', reason });
      run.drive.stop(`${why}; ${reason}`);
    });
    log.info({ id: question.id, policy: open.offered.name }, question.question);
    bus.publish(TOPICS.escalations, question);
  }

  private take(answer: EscalationAnswer): void {
    const { run } = this;
    const question = run?.question ?? null;
    if (run === null || question === null || question.id !== answer.id) return;
    const { by } = answer;
    const refused = refusalOf(question, answer, { ended: '', now_ns: this.required().clock.now_ns() });
    if (refused !== '') {
      this.publishEnd({ id: question.id, end: 'refused', answer: '', by, reason: refused });
      return;
    }
    if (answer.answer !== GO_ON) {
      this.close(run, { end: 'answered', answer: answer.answer, by, reason: '' });
      run.drive.stop(`${by} said no`);
      return;
    }
    const moot = run.drive.goOn();
    const end = moot === '' ? 'answered' : 'withdrawn';
    this.close(run, { end, answer: answer.answer, by, reason: moot });
  }

  private withdraw(run: Run, reason: string): void {
    if (run.question !== null) this.close(run, { end: 'withdrawn', answer: '', by: '', reason });
  }

  private close(run: Run, end: Omit<EscalationEnd, 'id' | 'stamp_ns'>): void {
    const { question } = run;
    run.cancelTimer();
    run.question = null;
    if (question === null) return;
    run.example.close({ id: question.id, ...end, stamp_ns: this.required().clock.now_ns() });
    this.publishEnd({ id: question.id, ...end });
  }

  private publishEnd(end: Omit<EscalationEnd, 'stamp_ns'>): void {
    const { bus, clock } = this.required();
    bus.publish(TOPICS.escalation_ends, { ...end, stamp_ns: clock.now_ns() });
  }

  /** What came of the run before, and of whoever went on after it, is kept where there is something to learn from. */
  private keep(reason: string): void {
    const { after } = this;
    const { examples } = this.options;
    const { clock, log } = this.required();
    this.after = null;
    after?.example.finish(reason);
    const example = after?.example.example(clock.now_ns()) ?? null;
    if (after === null || example === null || examples === undefined) return;
    this.keeping = this.keeping
      .then(() => keepExample(examples, after.open.policy, example))
      .then(
        (file) => log.info({ file, policy: example.policy.name }, 'kept as an example of what people do'),
        (error: unknown) => log.warn({ reason: String(error) }, 'what people did in a policy’s place is not kept'),
      );
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the policy node is not configured');
    return this.context;
  }
}
