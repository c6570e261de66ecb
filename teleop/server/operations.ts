import { type DiagnosticStatus, type Subscription, TOPICS } from '../../contracts/index.ts';
import {
  AlarmList,
  diagnosticConditions,
  latencyConditions,
  linkConditions,
  perceptionConditions,
  questionConditions,
  safetyConditions,
  stopConditions,
} from '../alarms/index.ts';
import { type DeskEvent, Latencies, type Objectives } from '../control/index.ts';
import { WorkCounts } from '../counters/index.ts';
import { PICTURE_CAMERAS, type PictureCamera, type ServerMessage } from '../protocol/index.ts';
import type { RobotSide } from './robot_side.ts';

/** Nodes whose diagnostics are kept; what is not told again within this is over, ms. */
const MOST_NODES = 128;
const TOLD_MS = 5000;

export interface OperationsOptions {
  readonly side: RobotSide;
  readonly objectives: Objectives;
  /** What ended before this server was started. */
  readonly news: readonly string[];
  /** A stop of the desk's that is not confirmed yet, by its cause; empty for none. */
  readonly pendingStop: () => string;
  readonly openQuestions: () => number;
  /** Whether a motion that runs by itself is under way. */
  readonly runsByItself: () => boolean;
}

/** What an operation is judged by: alarms with what to do, counts of what was done, and how long each stage takes. */
export class Operations {
  readonly alarms = new AlarmList();
  readonly counts: WorkCounts;
  readonly latencies: Latencies;
  private readonly options: OperationsOptions;
  private readonly nodes = new Map<string, { readonly status: DiagnosticStatus; readonly at_ms: number }>();
  private subscriptions: readonly Subscription[] = [];
  private told = -1;

  constructor(options: OperationsOptions) {
    this.options = options;
    this.counts = new WorkCounts(options.side.now_ms);
    this.latencies = new Latencies(options.objectives);
  }

  start(): void {
    const { side, news } = this.options;
    const { bus, now_ms } = side;
    const began_ms = now_ms();
    for (const [i, text] of news.entries()) {
      const remedy = 'It was started again. Look at its log; reset the robot when it is safe.';
      this.alarms.report(`news/${i}`, [{ key: `news/${i}`, priority: 'high', text, remedy }], began_ms);
      this.alarms.report(`news/${i}`, [], began_ms);
    }
    side.listenToSafety((state) => {
      this.counts.hearSafety(state);
      this.alarms.report('safety', safetyConditions(state), now_ms());
    });
    this.subscriptions = [
      bus.subscribe(TOPICS.diagnostics, 'teleop', ({ status }) => {
        for (const one of status) if (this.nodes.size < MOST_NODES || this.nodes.has(one.name)) this.hear(one);
      }),
      bus.subscribe(TOPICS.latency, 'teleop', (latency) => this.latencies.hear(latency, now_ms())),
      bus.subscribe(TOPICS.escalations, 'teleop', (question) => this.counts.hearQuestion(question)),
      bus.subscribe(TOPICS.escalation_ends, 'teleop', (end) => this.counts.hearEnd(end)),
      bus.subscribe(TOPICS.objects, 'teleop', ({ detections }) => this.counts.hearObjects(detections)),
    ];
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  hearDesk(event: DeskEvent): void {
    this.counts.hearDesk(event);
  }

  /** Somebody has pressed Stop. */
  hearStop(): void {
    this.counts.hearStop(this.options.runsByItself());
  }

  /** The alarms, where they have changed since this was last asked; to be asked several times a second. */
  changed(): ServerMessage | null {
    const { side, pendingStop, openQuestions } = this.options;
    const now_ms = side.now_ms();
    const cause = pendingStop();
    this.alarms.report('stop', stopConditions(cause !== '', cause), now_ms);
    this.alarms.report('questions', questionConditions(openQuestions()), now_ms);
    const pictures = byCamera((camera) => side.pictureAge_ms(camera));
    this.alarms.report('link', linkConditions(side.lost, pictures), now_ms);
    for (const camera of PICTURE_CAMERAS) {
      const seen = side.detections.get(camera)?.message;
      this.alarms.report(camera, seen === undefined ? [] : perceptionConditions(camera, seen), now_ms);
    }
    if (this.alarms.version === this.told) return null;
    this.told = this.alarms.version;
    return this.alarms.snapshot();
  }

  /** Once a second. */
  messages(): readonly ServerMessage[] {
    const now_ms = this.options.side.now_ms();
    const latency = this.latencies.snapshot(now_ms);
    this.alarms.report('latency', latencyConditions(latency), now_ms);
    for (const [name, { status, at_ms }] of this.nodes) {
      const over = now_ms - at_ms > TOLD_MS;
      this.alarms.report(`node/${name}`, over ? [] : diagnosticConditions(status), now_ms);
      if (over) this.nodes.delete(name);
    }
    return [latency, this.counts.snapshot()];
  }

  private hear(status: DiagnosticStatus): void {
    this.nodes.set(status.name, { status, at_ms: this.options.side.now_ms() });
  }
}

function byCamera<T>(of: (camera: PictureCamera) => T): Readonly<Record<PictureCamera, T>> {
  return { overview: of('overview'), wrist: of('wrist') };
}
