import type { BodyTrack, BodyTracks } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';
import { PeriodMonitor } from './period_monitor.ts';

export interface BodyLimits {
  /** Name of the arm's root link, in whose frame bodies are told. */
  readonly frame: string;
  /** Longest silence of a source that was heard, s. */
  readonly silence_s: number;
  /** No body is faster, m/s. */
  readonly speed_m_per_s: number;
  /** What a track may be wrong by, beside what it says itself, m. */
  readonly error_m: number;
}

/** How long what was wrong with one message counts, so that whoever looks sees it, s. */
const EVENT_S = 0.1;
/** Tracks of one body farther apart in time than this are not compared, s. */
const LONGEST_GAP_S = 0.5;

/** Sources of tracks that were heard and fall silent: nobody knows where people are. */
export class BodiesLostMonitor implements Monitor {
  private readonly silence_s: number;
  private readonly sources = new Map<string, PeriodMonitor>();

  constructor({ silence_s }: Pick<BodyLimits, 'silence_s'>) {
    this.silence_s = silence_s;
  }

  hear({ source }: BodyTracks, now_s: number): void {
    const { silence_s } = this;
    const known = this.sources.get(source) ?? new PeriodMonitor('bodies_lost', `tracks of ${source}`, { silence_s });
    this.sources.set(source, known);
    known.hear(now_s);
  }

  look(now_s: number): Finding | null {
    for (const source of this.sources.values()) {
      const finding = source.look(now_s);
      if (finding !== null) return finding;
    }
    return null;
  }
}

/** Whether tracks can be true: in the arm's frame, of bodies that are told once each and move no faster than bodies do. */
export class BodyPlausibilityMonitor implements Monitor {
  private readonly limits: BodyLimits;
  private readonly before = new Map<string, ReadonlyMap<number, BodyTrack>>();
  private readonly stamps = new Map<string, bigint>();
  private event_s = Number.NEGATIVE_INFINITY;
  private detail = '';

  constructor(limits: BodyLimits) {
    this.limits = limits;
  }

  hear(message: BodyTracks, now_s: number): void {
    const wrong = this.wrong(message);
    const { source, stamp_ns, bodies } = message;
    this.before.set(source, new Map(bodies.map((body) => [body.id, body])));
    this.stamps.set(source, stamp_ns);
    if (wrong === '') return;
    this.detail = `${source}: ${wrong}`;
    this.event_s = now_s;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'body_implausible', detail: this.detail } : null;
  }

  private wrong({ source, stamp_ns, frame_id, bodies }: BodyTracks): string {
    const { frame, speed_m_per_s, error_m } = this.limits;
    if (frame_id !== frame) return `frame ${frame_id}, ${frame} is the arm's`;
    if (new Set(bodies.map(({ id }) => id)).size < bodies.length) return 'tells one body twice';
    const stamp_before = this.stamps.get(source);
    const dt_s = stamp_before === undefined ? Number.NaN : Number(stamp_ns - stamp_before) / 1e9;
    for (const body of bodies) {
      const speed = Math.hypot(...body.velocity_m_per_s);
      if (!Number.isFinite(speed) || !body.pose.position.every(Number.isFinite)) return `body ${body.id} is no number`;
      if (speed > speed_m_per_s) return `body ${body.id} at ${speed.toFixed(2)} m/s, at most ${speed_m_per_s}`;
      const known = this.before.get(source)?.get(body.id);
      if (known === undefined || !(dt_s > 0 && dt_s < LONGEST_GAP_S)) continue;
      const way = Math.hypot(...body.pose.position.map((x, k) => x - known.pose.position[k]));
      const most = speed_m_per_s * dt_s + body.position_error_m + known.position_error_m + 2 * error_m;
      if (way > most) {
        const within = `within ${(1000 * dt_s).toFixed(0)} ms`;
        return `body ${body.id} moved by ${way.toFixed(2)} m ${within}, at most ${most.toFixed(2)}`;
      }
    }
    return '';
  }
}
