import type { Detection, Detections } from '../../contracts/index.ts';

/** Detections of both that are nearer than this are of one object (m). */
const SAME_M = 0.015;
/** Scores from which a detection counts. */
const LEAST_SCORE = 0.3;

/** What two detectors said of the same frames. */
export interface Agreement {
  readonly frames: number;
  /** Frames in which both saw the same objects, of the same classes. */
  readonly same: number;
  /** Objects that both saw, only the first, only the second; of the first, those that the second calls something else. */
  readonly both: number;
  readonly first_only: number;
  readonly second_only: number;
  readonly other_class: number;
  /** Greatest distance of an object's places (m). */
  readonly most_apart_m: number;
}

/** Counts over frames in how far two detectors agree. */
export class AgreementCounter {
  private frames = 0;
  private same = 0;
  private both = 0;
  private first_only = 0;
  private second_only = 0;
  private other_class = 0;
  private most_apart_m = 0;

  /** Adds what both said of one frame; true if that is the same. */
  add(first: Detections, second: Detections): boolean {
    const left = second.detections.filter(counts);
    let [missed, renamed] = [0, 0];
    for (const one of first.detections.filter(counts)) {
      const at = nearest(one, left);
      if (at < 0) {
        missed++;
        continue;
      }
      const [other] = left.splice(at, 1);
      this.both++;
      if (other.class !== one.class) renamed++;
      this.most_apart_m = Math.max(this.most_apart_m, distance(one, other));
    }
    this.frames++;
    this.first_only += missed;
    this.second_only += left.length;
    this.other_class += renamed;
    const same = missed + left.length + renamed === 0;
    if (same) this.same++;
    return same;
  }

  get counts(): Agreement {
    const { frames, same, both, first_only, second_only, other_class, most_apart_m } = this;
    return { frames, same, both, first_only, second_only, other_class, most_apart_m };
  }
}

function counts({ score }: Detection): boolean {
  return score >= LEAST_SCORE;
}

function nearest(one: Detection, others: readonly Detection[]): number {
  let [found, least] = [-1, SAME_M];
  others.forEach((other, i) => {
    const apart = distance(one, other);
    if (apart >= least) return;
    least = apart;
    found = i;
  });
  return found;
}

/** Along the table. */
function distance(one: Detection, other: Detection): number {
  const [a, b] = [one.pose.position, other.pose.position];
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
