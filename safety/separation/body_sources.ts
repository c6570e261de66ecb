import type { BodyTrack, BodyTracks } from '../../contracts/index.ts';
import { MOST_SOURCES } from './body_set.ts';

/** Who takes tracked bodies: SafetyGate, or a channel to it. */
export interface BodySink {
  setBodies(bodies: readonly BodyTrack[], sensed_s: number, count?: number, source?: number): void;
  rejectBodies(): void;
}

/** Gives every source of tracks its number, and passes on what is in the arm's frame; what is not stops the arm. */
export class BodySources {
  private readonly frame: string;
  private readonly sink: BodySink;
  private readonly names: string[] = [];

  /** @param frame  name of the arm's root link */
  constructor(frame: string, sink: BodySink) {
    this.frame = frame;
    this.sink = sink;
  }

  /** @param sensed_s  the message's stamp on the sink's clock. Returns why the tracks are refused, empty where they are not. */
  hear({ source, frame_id, bodies }: BodyTracks, sensed_s: number): string {
    if (frame_id !== this.frame) {
      this.sink.rejectBodies();
      return `bodies of ${source} are in frame ${frame_id}, not in ${this.frame}`;
    }
    let number = this.names.indexOf(source);
    if (number < 0) number = this.names.push(source) - 1;
    if (number >= MOST_SOURCES) {
      this.sink.rejectBodies();
      return `bodies of ${source}: there are ${MOST_SOURCES} sources already`;
    }
    this.sink.setBodies(bodies, sensed_s, bodies.length, number);
    return '';
  }
}
