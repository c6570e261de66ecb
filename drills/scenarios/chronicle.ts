import {
  type Degradation,
  type Node,
  type NodeContext,
  type PickPlaceFeedback,
  type PickPlaceResult,
  type SafetyState,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';

export const ENTRY_KINDS = ['disturbance', 'stage', 'safety', 'goal', 'person'] as const;

/** One thing that happened, in words. */
export interface Entry {
  readonly time_s: number;
  readonly kind: (typeof ENTRY_KINDS)[number];
  readonly text: string;
}

/** What was measured at one moment. */
export interface Sample {
  readonly time_s: number;
  readonly tool_speed_m_per_s: number;
  /** As /safety/state has them; null where nobody is tracked. */
  readonly separation_m: number | null;
  readonly protective_distance_m: number | null;
}

/** A change of what /safety/state says. */
export interface SafetyChange {
  readonly time_s: number;
  readonly mode: SafetyState['mode'];
  readonly degradation: Degradation;
  readonly reasons: readonly string[];
  /** Share of the usual speed along paths. */
  readonly pace: number;
}

/** A goal's end. */
export interface GoalEnd extends Pick<PickPlaceResult, 'ok' | 'stage' | 'reason' | 'attempts'> {
  readonly time_s: number;
}

/** Steps of the pace that are told. */
const PACES = [0, 0.25, 0.5, 0.999];

/** Listens on the bus and writes down what happens; it publishes nothing. */
export class Chronicle implements Node {
  readonly name = 'chronicle';
  readonly entries: Entry[] = [];
  readonly changes: SafetyChange[] = [];
  readonly ends: GoalEnd[] = [];
  readonly samples: Sample[] = [];
  /** Newest message of /safety/state; null before the first. */
  state: SafetyState | null = null;
  private context: NodeContext | null = null;
  private subscription: Subscription | null = null;

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.subscription = context.bus.subscribe(TOPICS.safety_state, this.name, (state) => this.onState(state));
  }

  activate(): void {}
  deactivate(): void {}

  async cleanup(): Promise<void> {
    this.subscription?.unsubscribe();
    this.subscription = null;
  }

  note(kind: Entry['kind'], text: string): void {
    this.entries.push({ time_s: this.time_s, kind, text });
  }

  sample(tool_speed_m_per_s: number): void {
    const { separation_m = null, protective_distance_m = null } = this.state ?? {};
    this.samples.push({ time_s: this.time_s, tool_speed_m_per_s, separation_m, protective_distance_m });
  }

  stage({ stage, attempt, reason }: PickPlaceFeedback): void {
    this.note('stage', `${stage}${attempt > 1 ? `, attempt ${attempt}` : ''}${reason === '' ? '' : `: ${reason}`}`);
  }

  end({ ok, stage, reason, attempts }: PickPlaceResult): void {
    this.ends.push({ time_s: this.time_s, ok, stage, reason, attempts });
    this.note(
      'goal',
      ok ? `done in ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}` : `${stage}: ${reason}`,
    );
  }

  private onState(state: SafetyState): void {
    this.state = state;
    const last = this.changes.at(-1);
    const { mode, degradation } = state;
    const pace = PACES.find((share) => state.pace <= share) ?? 1;
    const reasons = state.reasons.join(', ');
    if (
      mode === last?.mode &&
      degradation === last.degradation &&
      reasons === last.reasons.join(', ') &&
      pace === last.pace
    )
      return;
    this.changes.push({ time_s: stampToSeconds(state.stamp_ns), mode, degradation, reasons: state.reasons, pace });
    const degraded = degradation === 'none' ? '' : `, degraded to ${degradation}`;
    const slowed = pace === 1 ? '' : `, at most ${100 * pace} % of the speed`;
    this.note('safety', `${mode}${degraded}${slowed}${reasons === '' ? '' : `: ${reasons}`}`);
  }

  private get time_s(): number {
    return stampToSeconds(this.context?.clock.now_ns() ?? 0n);
  }
}
