import {
  DECLINE,
  type Escalation,
  type EscalationEnd,
  objectName,
  type PickPlaceGoal,
  type SafetyState,
} from '../../contracts/index.ts';
import type { DeskEvent } from '../control/desk_types.ts';
import type { CountersMessage, SeenObject } from '../protocol/index.ts';
import { Counters } from './counters.ts';

/** Questions remembered until they end. */
const OPEN_KEPT = 64;
/** Where a pick ended is looked at from then on and until then, ms; what stands within this of the target, m. */
const LOOK_AFTER_MS = 1000;
const LOOK_UNTIL_MS = 8000;
const AT_TARGET_M = 0.05;
const SURE_SCORE = 0.8;

type SeenThing = Pick<SeenObject, 'class' | 'colour' | 'score' | 'pose'>;

/**
 * Counts what the operator's desk, the questions and the safety gate tell. Unlike in an episode, nobody here knows the
 * truth: a save is a question whose answer kept the robot from acting on its guess; a pick was wrong if something else is
 * seen afterwards where it ended. An intervention is an automatic motion that a person took over or stopped.
 */
export class WorkCounts {
  private readonly now_ms: () => number;
  private readonly counters: Counters;
  /** The guess of each open question. */
  private readonly open = new Map<string, string>();
  private attempt = 1;
  private was_stopped = false;
  /** Of the last pick that went well, until it has been looked at. */
  private placed: PickPlaceGoal | null = null;
  private placed_ms = 0;

  constructor(now_ms: () => number) {
    this.now_ms = now_ms;
    this.counters = new Counters(now_ms());
  }

  hearDesk(event: DeskEvent): void {
    switch (event.kind) {
      case 'started':
        if (event.what === 'pick' || event.what === 'policy' || event.what === 'batch') this.attempt = 1;
        return;
      case 'stage':
        // as in an episode: looking again after something went wrong
        if (event.stage === 'perceive' && event.attempt > this.attempt && event.reason !== '') this.add('retries');
        this.attempt = event.attempt;
        return;
      case 'taken_over':
        if (event.what === 'cancel') this.intervene();
        return;
      case 'ended':
        if (event.motion.kind === 'pick' || event.motion.kind === 'policy') {
          this.add('picks');
          if (event.motion.ok) this.add('successes');
          this.attempt = 1;
          this.placed = event.motion.ok ? event.motion.goal : null;
          this.placed_ms = this.now_ms();
        }
        return;
      case 'granted':
      case 'lost':
      case 'refused':
      case 'let_go':
      case 'stopped':
        return;
    }
  }

  /** Somebody pressed Stop. @param is_automatic  while an automatic motion was under way */
  hearStop(is_automatic: boolean): void {
    if (is_automatic) this.intervene();
  }

  /** What is seen now, frame world. */
  hearObjects(objects: readonly SeenThing[]): void {
    const { placed } = this;
    const passed_ms = this.now_ms() - this.placed_ms;
    if (placed === null || passed_ms < LOOK_AFTER_MS) return;
    const [x, y] = placed.target;
    const there = objects.find(
      ({ score, pose: { position: at } }) => score >= SURE_SCORE && Math.hypot(at[0] - x, at[1] - y) < AT_TARGET_M,
    );
    if (there !== undefined || passed_ms > LOOK_UNTIL_MS) this.placed = null;
    if (there !== undefined && objectName(there) !== objectName(placed.object)) this.add('wrong_picks');
  }

  hearQuestion({ id, options }: Pick<Escalation, 'id' | 'options'>): void {
    if (this.open.has(id)) return;
    this.add('asked');
    // what the robot would do by itself comes first
    this.open.set(id, options[0]);
    const [oldest] = this.open.keys();
    if (this.open.size > OPEN_KEPT) this.open.delete(oldest);
  }

  hearEnd({ id, end, answer }: Pick<EscalationEnd, 'id' | 'end' | 'answer'>): void {
    const guess = this.open.get(id);
    if (guess === undefined || end === 'refused') return;
    this.open.delete(id);
    if (answer === '') return;
    this.add('answered');
    if (answer === guess) return;
    this.add('saves');
    if (answer !== DECLINE) this.add('overruled');
  }

  /** Each stop that a reset has to end counts once. */
  hearSafety({ mode, latched }: Pick<SafetyState, 'mode' | 'latched'>): void {
    const stops = mode === 'protective_stop' || mode === 'fault' || mode === 'emergency_stop';
    const is_stopped = latched && stops;
    if (is_stopped && !this.was_stopped) this.add('stops');
    this.was_stopped = is_stopped;
  }

  snapshot(): CountersMessage {
    return this.counters.snapshot(this.now_ms());
  }

  private intervene(): void {
    this.add('interventions');
  }

  private add(counter: Parameters<Counters['add']>[0]): void {
    this.counters.add(counter, this.now_ms());
  }
}
