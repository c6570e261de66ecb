import type { BodyTrack } from '../contracts/index.ts';
import { type BodySink, MOST_SOURCES } from '../safety/index.ts';
import { type Channel, ChannelReader, ChannelWriter, openChannel } from './channel.ts';

/** Bodies of all sources together that a record carries. */
export const MOST_CHANNEL_BODIES = 32;
/** A row: source, id, kind, radius, length, position 3, orientation 4, velocity 3, error. */
const ROW = 16;
/** Before the rows: how often tracks were refused, how many rows, and when each source sensed last (s; NaN for never). */
const REJECTS = 0;
const ROWS = 1;
const SENSED = 2;
const FIRST = SENSED + MOST_SOURCES;
const VALUES = FIRST + ROW * MOST_CHANNEL_BODIES;

/** A channel for tracked bodies from a supervisor's process to a gate; times are of the machine's monotonic clock. */
export function openBodyChannel(): Channel {
  return openChannel(VALUES);
}

/** Puts all that is known of tracked bodies into one record, so that no source's word hides another's. */
export class BodyChannelWriter implements BodySink {
  private readonly writer: ChannelWriter;
  private readonly lists: (readonly BodyTrack[])[] = Array.from({ length: MOST_SOURCES }, () => []);

  constructor(channel: Channel) {
    this.writer = new ChannelWriter(channel);
    this.writer.payload.fill(0);
    this.writer.payload.fill(Number.NaN, SENSED, FIRST);
  }

  /** More bodies than a record carries are refused like those in an unknown frame. */
  setBodies(bodies: readonly BodyTrack[], sensed_s: number, count = bodies.length, source = 0): void {
    const { payload } = this.writer;
    if (payload[SENSED + source] >= sensed_s) return;
    this.lists[source] = bodies.slice(0, count);
    if (this.lists.reduce((sum, list) => sum + list.length, 0) > MOST_CHANNEL_BODIES) {
      this.rejectBodies();
      return;
    }
    payload[SENSED + source] = sensed_s;
    let row = 0;
    this.lists.forEach((list, from) => {
      for (const { id, kind, radius_m, length_m, pose, velocity_m_per_s, position_error_m } of list) {
        const values = [from, id, kind === 'person' ? 1 : 0, radius_m, length_m, ...pose.position, ...pose.orientation];
        payload.set([...values, ...velocity_m_per_s, position_error_m], FIRST + ROW * row++);
      }
    });
    payload[ROWS] = row;
    this.writer.send();
  }

  rejectBodies(): void {
    this.writer.payload[REJECTS]++;
    this.writer.send();
  }
}

interface OwnTrack extends BodyTrack {
  id: number;
  kind: BodyTrack['kind'];
  radius_m: number;
  length_m: number;
  readonly pose: {
    readonly position: [number, number, number];
    readonly orientation: [number, number, number, number];
  };
  readonly velocity_m_per_s: [number, number, number];
  position_error_m: number;
}

/** Tells a gate what has come through the channel, source by source, what is new only. Allocates nothing in `pass`. */
export class BodyChannelReader {
  private readonly reader: ChannelReader;
  private readonly told = new Float64Array(MOST_SOURCES).fill(Number.NEGATIVE_INFINITY);
  private rejects = 0;
  private readonly tracks: OwnTrack[] = Array.from({ length: MOST_CHANNEL_BODIES }, () => ({
    ...{ id: 0, kind: 'object', radius_m: 0, length_m: 0, position_error_m: 0 },
    pose: { position: [0, 0, 0], orientation: [0, 0, 0, 1] },
    velocity_m_per_s: [0, 0, 0],
  }));

  constructor(channel: Channel) {
    this.reader = new ChannelReader(channel);
  }

  /** Records dropped so far. */
  get dropped(): number {
    return this.reader.torn + this.reader.foreign;
  }

  /** Once a cycle. */
  pass(gate: BodySink): void {
    const { reader, told } = this;
    if (!reader.poll()) return;
    const { payload } = reader;
    // Another writer begins to count anew.
    if (payload[REJECTS] > this.rejects) gate.rejectBodies();
    this.rejects = payload[REJECTS];
    const rows = payload[ROWS];
    if (!(rows >= 0 && rows <= MOST_CHANNEL_BODIES)) {
      gate.rejectBodies();
      return;
    }
    for (let source = 0; source < MOST_SOURCES; source++) {
      if (!(payload[SENSED + source] > told[source])) continue;
      told[source] = payload[SENSED + source];
      let count = 0;
      for (let row = 0; row < rows; row++) {
        if (payload[FIRST + ROW * row] === source) this.read(FIRST + ROW * row, count++);
      }
      gate.setBodies(this.tracks, told[source], count, source);
    }
  }

  private read(at: number, into: number): void {
    const { payload } = this.reader;
    const track = this.tracks[into];
    track.id = payload[at + 1];
    track.kind = payload[at + 2] === 1 ? 'person' : 'object';
    track.radius_m = payload[at + 3];
    track.length_m = payload[at + 4];
    for (let k = 0; k < 3; k++) track.pose.position[k] = payload[at + 5 + k];
    for (let k = 0; k < 4; k++) track.pose.orientation[k] = payload[at + 8 + k];
    for (let k = 0; k < 3; k++) track.velocity_m_per_s[k] = payload[at + 12 + k];
    track.position_error_m = payload[at + 15];
  }
}
