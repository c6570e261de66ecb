import type { Escalation, EscalationEnd, OperatorJog, PickPlaceGoal, RunPolicyResult } from '../../contracts/index.ts';
import type { AskedPolicy, PolicyExample } from '../../datasets/index.ts';
import type { Demonstration } from '../../learning/index.ts';
import { MotionRows } from './motion_rows.ts';
import type { OpenPolicy } from './open_offered.ts';
import type { OperatorMotion } from './operator_motion.ts';
import { GO_ON } from './policy_question.ts';

/** Kept of one run and what followed it, at most (s). */
const LONGEST_S = 300;

export type ExampleOfRun = Omit<PolicyExample, 'schema' | 'version' | 'demonstration'> & {
  readonly demonstration: Demonstration;
};

/**
 * One run of a policy as an example to learn from: what it was told and did, what people answered, and how the operator who
 * took over went on. To be learned from are the operator's motion, or, where a person let an unsure policy go on and it
 * succeeded, what it did from there on.
 */
export class RunExample {
  private readonly open: OpenPolicy;
  private readonly goal: PickPlaceGoal;
  private readonly began_ns: bigint;
  private readonly rows: MotionRows;
  private readonly questions: AskedPolicy[] = [];
  private readonly movers = new Map<string, { readonly epoch: number; readonly session: string }>();
  private question: { readonly asked: Escalation; readonly step: number; readonly confidence: number | null } | null =
    null;
  /** Step from which on a person's yes holds; NaN without one. */
  private permitted = Number.NaN;
  private policy_steps = 0;
  private result: RunPolicyResult | null = null;
  private motion: OperatorMotion | null = null;

  constructor(open: OpenPolicy, goal: PickPlaceGoal, began_ns: bigint) {
    const { features, manifest, environment } = open.policy;
    this.open = open;
    this.goal = goal;
    this.began_ns = began_ns;
    const observation = features.reduce((sum, { size }) => sum + size, 0);
    const sizes = { observation, action: manifest.action.names.length };
    this.rows = new MotionRows(sizes, LONGEST_S * environment.policy_hz);
  }

  /** Of the policy: what it was told, and what it does or, where it asks, would have done. */
  step(observation: Float32Array, action: Float32Array): void {
    this.rows.add(observation, action, !Number.isNaN(this.permitted));
  }

  /** The newest step was not done: the policy asks. */
  ask(asked: Escalation, confidence: number | null): void {
    this.question = { asked, step: Math.max(0, this.rows.length - 1), confidence };
  }

  close({ end, answer, by, reason, stamp_ns }: EscalationEnd): void {
    if (this.question === null || end === 'refused') return;
    const { asked, step, confidence } = this.question;
    const { id, question, options, request_id, frame_sha256 } = asked;
    this.question = null;
    this.questions.push({
      ...{ id, question, options, request_id, frame_sha256, confidence, step, answer, by, end, reason },
      ...{ asked_ns: String(asked.stamp_ns), ended_ns: String(stamp_ns) },
    });
    if (end === 'answered' && answer === GO_ON && Number.isNaN(this.permitted)) this.permitted = this.rows.length;
  }

  /** The policy is at rest; an operator may go on. */
  ended(result: RunPolicyResult, motionOf: (rows: MotionRows) => OperatorMotion | null): void {
    this.result = result;
    this.policy_steps = this.rows.length;
    if (!result.ok) this.motion = motionOf(this.rows);
  }

  /** Somebody jogs the arm; the newest grant of control is the one that counts. */
  jogged({ epoch, session }: OperatorJog): void {
    if (this.motion !== null && this.motion.end === null) this.movers.set(`${epoch} ${session}`, { epoch, session });
  }

  /** After every cycle once the policy has ended; whether there is nothing more to come. */
  cycled(): boolean {
    this.motion?.cycled();
    return this.motion === null || this.motion.end !== null;
  }

  /** Nothing more is to come. */
  finish(reason: string): void {
    this.motion?.finish(false, reason);
  }

  /** What there is to keep; null for a run in which nobody was asked and after which nobody moved the arm. */
  example(ended_ns: bigint): ExampleOfRun | null {
    const { result, motion, rows, policy_steps, questions } = this;
    const moved = motion?.moved === true;
    if (result === null || rows.length === 0 || (questions.length === 0 && !moved)) return null;
    const { name, version, model_sha256 } = this.open.offered;
    const { ok, stage, reason } = result;
    if (moved || !ok) rows.dropBefore(policy_steps);
    const success = ok || motion?.end?.success === true;
    return {
      policy: { name, version, model_sha256 },
      goal: this.goal,
      ...{ began_ns: String(this.began_ns), ended_ns: String(ended_ns), questions },
      run: { ok, stage, reason, steps: policy_steps },
      taken_over: moved
        ? {
            by: [...this.movers.values()],
            steps: rows.length - policy_steps,
            success: motion.end?.success === true,
            reason: motion.end?.reason ?? '',
          }
        : null,
      demonstration: rows.demonstration(success),
    };
  }
}
