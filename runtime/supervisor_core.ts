import type { EnablingDevice } from '../contracts/index.ts';
import {
  ANY_AUTONOMY,
  type AutonomyLimits,
  isOperating,
  type OperatingMode,
  type StopCategory,
  Supervisor,
} from '../safety/index.ts';
import type { GateOverChannel } from './gate_over_channel.ts';
import { type GateSnapshot, hashWords } from './gate_record.ts';
import type { HeartbeatReader } from './heartbeat.ts';
import { TAMPERING } from './tampering.ts';

/** A process that the supervisor hears. */
export interface WatchedProcess {
  readonly name: string;
  readonly heartbeat: HeartbeatReader;
  /** How long its main thread may do something else, s. */
  readonly busy_s: number;
  /** Whether nothing may move without it; else its silence is only told. */
  readonly required: boolean;
}

export interface SupervisorCoreOptions {
  readonly gate: GateOverChannel;
  readonly processes: readonly WatchedProcess[];
  /** Silence of a process after which it counts as dead, and of the gate, s. */
  readonly silence_s?: number;
  /** What the arm may do by itself; by default all. */
  readonly autonomy?: AutonomyLimits;
}

/** Something that speaks against motion; it stops the arm by this category, and holds it until a reset. */
export interface StopCondition {
  readonly reason: string;
  readonly category: StopCategory;
  /** Only not there yet: what has never been there is waited for, and stops nothing. */
  readonly awaited: boolean;
}

/** What the supervisor knows. */
export interface SupervisorView {
  /** Null before the gate was heard. */
  readonly gate: GateSnapshot | null;
  readonly gate_alive: boolean;
  /** Why nothing moves before a reset; what must come before a reset is accepted; what is only worth telling. */
  readonly holds: readonly string[];
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
  /** The gravest category of the stops that hold; −1 for none. */
  readonly category: StopCategory | -1;
}

/** The supervisor's own lateness counts at most so much against others, s. */
const MOST_ELAPSED_S = 0.015;
/** With the 40 ms after which an arm under ros2_control follows, and a beat's and a message's period, under 100 ms. */
const SILENCE_S = 0.045;
/** So long after another process wrote grants it counts as there, s. */
const INTRUDED_S = 1;
/** How long the gate may take to answer, and to move again after a reset, s. */
const ANSWER_S = 1;

interface Hold {
  readonly reason: string;
  readonly category: StopCategory;
}

interface Question {
  readonly kind: 'resets' | 'modes';
  readonly number: number;
  readonly done: (refusal: string) => void;
  waited_s: number;
  /** What held when it was asked, and is cleared by a reset. */
  readonly held: readonly Hold[];
  /** A reset that the gate has taken waits for motion to be allowed. */
  taken: boolean;
}

/**
 * Decides whether the arm may move, from what it hears of gate and processes: echoes the gate's nonces while all that is
 * required is there and nothing holds. What goes missing stops the arm in the gate's next cycle, and then holds it until a
 * reset, which is refused while anything is missing. Pure and stepped; times are the supervisor's own.
 */
export class SupervisorCore {
  private readonly gate: GateOverChannel;
  private readonly processes: readonly WatchedProcess[];
  private readonly silence_s: number;
  private readonly supervisor = new Supervisor();
  private readonly times = Float64Array.of(0, 0, Number.POSITIVE_INFINITY);
  private readonly autonomy: AutonomyLimits;
  private intrusions = 0;
  /** Hash of the envelope that control must have loaded; null for any. */
  private envelope: Float64Array | null = null;
  private readonly restarts: Int32Array;
  private holds: readonly Hold[] = [];
  private conditions: readonly StopCondition[] = [];
  private gone = new Set<string>();
  private session = 0;
  private question: Question | null = null;
  private active = false;

  constructor({ gate, processes, silence_s = SILENCE_S, autonomy = ANY_AUTONOMY }: SupervisorCoreOptions) {
    this.gate = gate;
    this.processes = processes;
    this.silence_s = silence_s;
    this.restarts = new Int32Array(processes.length);
    this.autonomy = autonomy;
    this.setPace(1, true);
    if (gate.restarted) this.hold('the supervisor was restarted', 1);
  }

  /** Whether anything is granted at all. */
  setActive(active: boolean): void {
    this.active = active;
    // What is missing now holds from now on; what came and went before anything was granted does not.
    this.gone.clear();
    if (!active) this.hold('the supervisor is not active', 1);
  }

  /** Limits of the tool's speed (m/s, null for the envelope's own) and of joint speeds (share) that go with every grant. */
  setLimits(tool_speed_m_per_s: number | null, speed_share: number): void {
    this.gate.setLimits(tool_speed_m_per_s, speed_share);
  }

  /** Share of the usual speed along paths (0..1), and whether learned policies may command: in force at once. */
  setPace(pace: number, policies: boolean): void {
    this.gate.setPace(pace, policies && this.autonomy.policies);
  }

  /** The enabling device of sources that have one: in force at once. */
  setEnablingDevice(device: EnablingDevice): void {
    this.gate.setEnablingDevice(device);
  }

  /** Whoever hears the sources is silent: none of them holds the device. */
  releaseEnablingDevice(): void {
    this.gate.releaseEnablingDevice();
  }

  /** Control must have loaded the envelope of this SHA-256, or the arm is held; null for any. */
  setEnvelope(sha256: string | null): void {
    this.envelope = sha256 === null ? null : hashWords(sha256);
  }

  /** What speaks against motion from outside, in place of what did before. */
  setConditions(conditions: readonly StopCondition[]): void {
    this.conditions = conditions;
  }

  /** Stops the arm in the gate's next cycle, until a reset. */
  requestStop(category: StopCategory, reason: string): void {
    this.hold(reason, category);
  }

  /** `done` is told why the reset is refused, or the empty string once motion is allowed again. */
  reset(done: (refusal: string) => void): void {
    const missing = this.missing();
    if (missing.length > 0) done(missing.map(({ reason }) => reason).join('; '));
    else if (!this.active) done('the supervisor is not active');
    else this.ask('resets', this.gate.requestReset(), done);
  }

  setMode(mode: OperatingMode, enabled: boolean, done: (refusal: string) => void): void {
    const { only_mode } = this.autonomy;
    if (only_mode !== null && mode !== only_mode) done(`this arm's autonomy allows only mode ${only_mode}`);
    else if (!this.gateAlive) done('the safety gate does not answer');
    else this.ask('modes', this.gate.requestMode(mode, enabled), done);
  }

  /** One cycle at `now_s`. */
  step(now_s: number): void {
    const { times, gate } = this;
    const elapsed_s = times[NOW] === 0 ? 0 : Math.min(now_s - times[NOW], MOST_ELAPSED_S);
    times[NOW] = now_s;
    times[GATE] += elapsed_s;
    times[INTRUDED] += elapsed_s;
    if (gate.poll()) times[GATE] = 0;
    this.answerIntrusion();
    for (const { heartbeat } of this.processes) heartbeat.step(elapsed_s);
    this.watch();
    this.answer(elapsed_s);
    if (!this.active || this.holds.length > 0 || this.gone.size > 0) return;
    const { only_mode } = this.autonomy;
    if (only_mode !== null && !gate.keepMode(only_mode, this.question?.kind !== 'modes')) return;
    const nonce = this.supervisor.step(now_s, gate);
    if (nonce !== 0) gate.grant(nonce);
  }

  view(): SupervisorView {
    const { gate, holds } = this;
    return {
      gate: gate.snapshot(),
      gate_alive: this.gateAlive,
      holds: holds.map(({ reason }) => reason),
      missing: this.missing().map(({ reason }) => reason),
      warnings: this.processes.flatMap((watched) => (watched.required ? [] : (this.fault(watched) ?? []))),
      category: holds.length === 0 ? -1 : (Math.min(...holds.map(({ category }) => category)) as StopCategory),
    };
  }

  private get gateAlive(): boolean {
    return this.gate.session !== 0 && this.times[GATE] <= this.silence_s;
  }

  /** Holds for what has gone missing, or came back as another, since the last cycle. */
  private watch(): void {
    const { gate, processes, restarts, active } = this;
    const missing = this.missing();
    for (const { reason, category, awaited } of missing)
      if (active && !awaited && !this.gone.has(reason)) this.hold(reason, category);
    if (missing.length > 0 || this.gone.size > 0) this.gone = new Set(missing.map(({ reason }) => reason));
    if (gate.session !== this.session) {
      if (active && this.session !== 0) this.hold('control was restarted', 1);
      this.session = gate.session;
    }
    for (let i = 0; i < processes.length; i++) {
      const { name, heartbeat, required } = processes[i];
      if (active && required && heartbeat.restarts !== restarts[i]) this.hold(`${name} was restarted`, 1);
      restarts[i] = heartbeat.restarts;
    }
  }

  private missing(): StopCondition[] {
    const missing = [...this.conditions, ...this.tampering()];
    for (const watched of this.processes) {
      const reason = watched.required ? this.fault(watched) : null;
      if (reason !== null) missing.push({ reason, category: 1, awaited: !watched.heartbeat.started });
    }
    const gate = this.gate.session === 0 ? 'has not started' : this.gateAlive ? '' : 'does not answer';
    if (gate !== '') missing.push({ reason: `the safety gate ${gate}`, category: 1, awaited: this.gate.session === 0 });
    return missing;
  }

  /** Each record of another is answered by a stop, which also puts this supervisor's word in the place of that one's. */
  private answerIntrusion(): void {
    const { gate } = this;
    if (gate.intrusions === this.intrusions) return;
    this.intrusions = gate.intrusions;
    this.times[INTRUDED] = 0;
    gate.requestStop(1, TAMPERING['tampering.grant_channel']);
  }

  private tampering(): StopCondition[] {
    const { envelope, gate, times } = this;
    const reasons: string[] = [];
    if (times[INTRUDED] <= INTRUDED_S) reasons.push(TAMPERING['tampering.grant_channel']);
    if (envelope !== null && gate.session !== 0 && !gate.hasLoaded(envelope))
      reasons.push(TAMPERING['tampering.envelope']);
    return reasons.map((reason) => ({ reason, category: 1, awaited: false }));
  }

  private fault({ name, heartbeat, busy_s }: WatchedProcess): string | null {
    if (!heartbeat.started) return `${name} has not started`;
    if (heartbeat.ended) return `${name} has ended`;
    if (heartbeat.silent_s > this.silence_s) return `${name} does not answer`;
    return heartbeat.busy_s > busy_s ? `${name} is busy for over ${busy_s} s` : null;
  }

  private hold(reason: string, category: StopCategory): void {
    if (this.holds.some((hold) => hold.reason === reason && hold.category <= category)) return;
    this.holds = [...this.holds, { reason, category }];
    this.gate.requestStop(category, reason);
  }

  private ask(kind: Question['kind'], number: number, done: (refusal: string) => void): void {
    this.question?.done('another request came before the answer');
    this.question = { kind, number, done, waited_s: 0, held: this.holds, taken: false };
  }

  private answer(elapsed_s: number): void {
    const { question } = this;
    if (question === null) return;
    question.waited_s += elapsed_s;
    const refusal = this.answerTo(question);
    if (refusal === null) return;
    this.question = null;
    question.done(refusal);
  }

  /** Why a request is refused, the empty string when it is not; null while that is open. */
  private answerTo(question: Question): string | null {
    const seen = this.gate.snapshot();
    if (seen !== null && !question.taken && seen.answered[question.kind] === question.number) {
      if (seen.refusal !== '' || question.kind === 'modes') return seen.refusal;
      question.taken = true;
      this.holds = this.holds.filter((hold) => !question.held.includes(hold));
    }
    if (question.taken && this.holds.length > 0) return this.holds.map(({ reason }) => reason).join('; ');
    if (question.taken && seen !== null && isOperating(seen.mode) && seen.arm_phase === 'following') return '';
    if (question.waited_s < ANSWER_S) return null;
    const where = seen === null ? 'unknown' : `${seen.mode}, arm ${seen.arm_phase}`;
    return question.taken ? `motion is not allowed after ${ANSWER_S} s: ${where}` : 'the safety gate does not answer';
  }
}

const NOW = 0;
const GATE = 1;
const INTRUDED = 2;
