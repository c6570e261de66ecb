import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type CommandRequest, isOperating } from '../../safety/index.ts';
import type { RobotState } from '../driver.ts';
import type { GripperController } from '../gripper_controller.ts';
import type { CommandSource } from '../loop.ts';
import type { Servo, ServoGateView } from '../servo/servo.ts';
import { ActionChunks } from './action_chunks.ts';
import type { PolicyInference } from './inference.ts';
import { actionSize, type PolicyManifest } from './manifest.ts';
import { PolicyObservation } from './policy_observation.ts';

export interface PolicyRunnerOptions {
  /** How long the policy may say nothing for the present, at the start and later, before the arm is held (s). */
  readonly first_answer_s: number;
  readonly timeout_s: number;
  /** How fast joints close in on the policy's path (1/s). */
  readonly follow_per_s: number;
  /** Force of each finger (N). */
  readonly gripper_force_N: number;
  /**
   * How far apart chunks may be in what they say of the same moment (rad), in so many steps in a row before the arm is held:
   * a policy that contradicts itself does not know what it sees (Agia et al., "Unpacking failure modes of generative policies:
   * runtime monitoring of consistency and progress", CoRL 2024). Of joint positions only.
   */
  readonly most_spread_rad: number;
  readonly spread_steps: number;
}

export const DEFAULT_POLICY_RUNNER_OPTIONS: PolicyRunnerOptions = {
  first_answer_s: 2,
  timeout_s: 0.2,
  follow_per_s: 20,
  gripper_force_N: 40,
  most_spread_rad: 0.5,
  spread_steps: 3,
};

/** `waiting`: for the first answer; `held`: at rest until it is started again. */
export type PolicyPhase = 'idle' | 'waiting' | 'running' | 'held';
export type PolicyHold = 'none' | 'timeout' | 'failed' | 'inconsistent' | 'gate' | 'servo' | 'stopped';

export interface PolicyParts {
  readonly robot: Robot;
  readonly hz: number;
  readonly manifest: PolicyManifest;
  readonly inference: PolicyInference;
  readonly servo: Servo;
  readonly gripper: GripperController | null;
  readonly options?: Partial<PolicyRunnerOptions>;
}

/** A width that is asked for anew (m). */
const WIDTH_STEP_M = 1e-3;

/**
 * Lets a policy command the arm at its own rate: it is asked with an observation, answers some cycles later with a chunk of
 * actions, and what all chunks say of the present is what a servo follows, within the limits and clear of contact. No cycle
 * waits for an answer; when none speaks of the present for too long the arm comes to rest, with the reason. No allocation.
 */
export class PolicyRunner implements CommandSource {
  phase: PolicyPhase = 'idle';
  hold_reason: PolicyHold = 'none';
  /** Steps since the start, and those at which the policy was still busy with the last question. */
  steps = 0;
  skipped = 0;
  /** Chunks that spoke of the present at the last step. */
  covered = 0;
  private readonly parts: PolicyParts;
  private readonly options: PolicyRunnerOptions;
  private readonly chunks: ActionChunks;
  private readonly observation: PolicyObservation;
  private readonly chunk: Float32Array;
  /** Actions of this step and of the next. */
  private readonly now: Float64Array;
  private readonly next: Float64Array;
  private readonly velocity: Float64Array;
  /** Cycles a step. */
  private readonly every: number;
  private readonly first_cycles: number;
  private readonly timeout_cycles: number;
  /** Where in an action joints or twist and the width of the gripper begin; −1 without the latter. */
  private readonly arm_at: number;
  private readonly width_at: number;
  private readonly joints: boolean;
  private readonly mean: Float64Array;
  private readonly scale: Float64Array;
  private readonly twist: Float64Array;
  private readonly wanted_width = new Float64Array(1);
  /** Of the step that has passed, in its first entry. */
  private readonly share = new Float64Array(1);
  private next_covers = false;
  private cycle = 0;
  private silent = 0;
  /** Steps in a row in which chunks were too far apart. */
  private contradictions = 0;
  private first_step = 0;
  private timed_out_s = 0;

  constructor(parts: PolicyParts) {
    const { robot, hz, manifest } = parts;
    const n = robot.arm_joints;
    const every = Math.round(hz / manifest.rate_hz);
    if (every < 1 || Math.abs(hz / every - manifest.rate_hz) > 1e-6) {
      throw new InputError(`policy at ${manifest.rate_hz} Hz`, `a whole fraction of the loop's ${hz} Hz`);
    }
    if (manifest.robot !== robot.name) {
      throw new InputError(`policy ${manifest.name} for ${manifest.robot}`, `the robot is ${robot.name}`);
    }
    const size = actionSize(manifest.action, n);
    this.parts = parts;
    this.options = { ...DEFAULT_POLICY_RUNNER_OPTIONS, ...parts.options };
    this.chunks = new ActionChunks({ size, length: manifest.chunk, decay: manifest.ensembling_decay });
    this.observation = new PolicyObservation(robot, manifest);
    this.chunk = new Float32Array(size * manifest.chunk);
    this.now = new Float64Array(size);
    this.next = new Float64Array(size);
    this.velocity = new Float64Array(n);
    this.twist = new Float64Array(6);
    this.every = every;
    this.first_cycles = Math.ceil(this.options.first_answer_s * hz);
    this.timeout_cycles = Math.ceil(this.options.timeout_s * hz);
    const { action } = manifest;
    this.joints = action.includes('joint_position');
    const arm = action.findIndex((part) => part !== 'gripper_width');
    const width = action.indexOf('gripper_width');
    this.arm_at = actionSize(action.slice(0, arm), n);
    this.width_at = width < 0 ? -1 : actionSize(action.slice(0, width), n);
    this.mean = Float64Array.from(manifest.action_mean);
    this.scale = Float64Array.from(manifest.action_scale);
  }

  /** Begins, or begins again after a hold; what was answered before is forgotten. */
  start(): void {
    this.chunks.clear();
    this.phase = 'waiting';
    this.hold_reason = 'none';
    this.skipped = 0;
    this.silent = 0;
    this.contradictions = 0;
    this.wanted_width[0] = Number.NaN;
    // Steps go on, so that a late answer to a question before the start is no answer to one after it.
    this.cycle = this.steps * this.every;
    this.first_step = this.steps;
  }

  stop(): void {
    if (this.phase === 'waiting' || this.phase === 'running') this.hold('stopped');
  }

  update(motion_s: number, state: RobotState, gate: ServoGateView, request: CommandRequest): void {
    const { servo } = this.parts;
    if (this.phase === 'waiting' || this.phase === 'running') {
      if (isOperating(gate.mode)) this.step(state, gate);
      else if (this.phase === 'running') this.hold('gate');
    }
    servo.update(motion_s, state, gate, request);
    request.source = 'policy';
    if (this.phase === 'running' && servo.status.state === 'halted') this.hold('servo');
  }

  /** One line for a person. */
  describeHold(): string {
    const { parts } = this;
    switch (this.hold_reason) {
      case 'none':
        return '';
      case 'timeout':
        return `the policy said nothing for the present for ${this.timed_out_s} s`;
      case 'failed':
        return `the policy failed: ${parts.inference.failure}`;
      case 'inconsistent':
        return `the policy contradicts itself by over ${this.options.most_spread_rad} rad about the same moment`;
      case 'gate':
        return 'the safety gate allows no motion';
      case 'servo':
        return parts.servo.status.describe();
      case 'stopped':
        return 'stopped';
    }
  }

  private step(state: RobotState, gate: ServoGateView): void {
    const { parts, chunks, chunk, observation, every } = this;
    const { inference } = parts;
    const from = inference.take(chunk);
    if (inference.failure !== '') {
      this.hold('failed');
      return;
    }
    if (from >= this.first_step) this.keep(from);
    const within = this.cycle % every;
    if (within === 0) {
      const step = Math.trunc(this.cycle / every);
      this.steps = step + 1;
      observation.write(state);
      if (!inference.submit(step, observation.values)) this.skipped++;
    }
    if (within === 0 || from >= this.first_step) {
      const step = Math.trunc(this.cycle / every);
      this.covered = chunks.at(step, this.now);
      this.next_covers = this.covered > 0 && chunks.at(step + 1, this.next) > 0;
    }
    if (within === 0 && this.contradicts()) {
      this.hold('inconsistent');
      return;
    }
    this.cycle++;
    if (this.covered === 0) {
      this.silent++;
      const waiting = this.phase === 'waiting';
      if (this.silent <= (waiting ? this.first_cycles : this.timeout_cycles)) {
        if (!waiting) this.stand();
        return;
      }
      this.timed_out_s = waiting ? this.options.first_answer_s : this.options.timeout_s;
      this.hold('timeout');
      return;
    }
    this.silent = 0;
    this.phase = 'running';
    this.share[0] = within / every;
    this.act(gate.lastCommand.position);
  }

  /** Once a step: whether what is said of the present has been too far apart for too long. */
  private contradicts(): boolean {
    const { chunks, velocity, options } = this;
    if (!this.joints || this.covered < 2) return false;
    const step = this.steps - 1;
    const apart = chunks.spread(step, this.arm_at, velocity.length) > options.most_spread_rad;
    this.contradictions = apart ? this.contradictions + 1 : 0;
    return this.contradictions >= options.spread_steps;
  }

  /** Takes the chunk of a step that has come, as the manifest scales it. */
  private keep(step: number): void {
    const { chunk, mean, scale, chunks } = this;
    for (let row = 0; row < chunk.length; row += mean.length) {
      for (let k = 0; k < mean.length; k++) chunk[row + k] = chunk[row + k] * scale[k] + mean[k];
    }
    chunks.add(step, chunk);
  }

  /** @param q  positions sent last (rad) */
  private act(q: Float64Array): void {
    const share = this.share[0];
    const { now, next, arm_at, width_at, velocity, twist, options, wanted_width } = this;
    const { servo, gripper, manifest } = this.parts;
    const rate = this.next_covers ? manifest.rate_hz : 0;
    if (this.joints) {
      for (let i = 0; i < velocity.length; i++) {
        const change = this.next_covers ? next[arm_at + i] - now[arm_at + i] : 0;
        const path = now[arm_at + i] + share * change;
        velocity[i] = rate * change + options.follow_per_s * (path - q[i]);
      }
      servo.setJointVelocity(velocity);
    } else {
      for (let d = 0; d < 6; d++) twist[d] = now[arm_at + d];
      servo.setTwist(twist);
    }
    if (gripper === null || width_at < 0) return;
    if (Math.abs(now[width_at] - wanted_width[0]) < WIDTH_STEP_M) return;
    wanted_width[0] = now[width_at];
    gripper.start(now[width_at], options.gripper_force_N);
  }

  /** Comes to rest until the policy says more. */
  private stand(): void {
    this.velocity.fill(0);
    this.parts.servo.setJointVelocity(this.velocity);
  }

  private hold(reason: PolicyHold): void {
    this.phase = 'held';
    this.hold_reason = reason;
    if (reason !== 'servo') this.parts.servo.halt();
  }
}
