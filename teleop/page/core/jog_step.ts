import type { Pose } from '../../../contracts/index.ts';
import type { StateFrame } from '../../protocol/messages.ts';

export interface StepSize {
  readonly linear_m: number;
  readonly angular_rad: number;
}

/** Full jogging speed. */
export interface StepSpeed {
  readonly linear_m_s: number;
  readonly angular_rad_s: number;
}

/** A step slows down over what full jogging speed covers in this time (s). */
const SLOW_S = 0.3;
const LEAST_SHARE = 0.1;

type Posture = Pick<StateFrame, 'q' | 'tool'>;

/** Measures a step by what the robot truly did. */
export class JogStep {
  private start: Posture | null = null;

  begin(posture: Posture): void {
    this.start = posture;
  }

  /** Share of full speed that is still wanted; 0 when the step is done. */
  share(posture: Posture, kind: 'tool' | 'joints', size: StepSize, speed: StepSpeed): number {
    const { start } = this;
    if (start === null) return 0;
    if (kind === 'joints') {
      const turned = Math.max(0, ...start.q.map((q, i) => Math.abs(q - posture.q[i])));
      return remaining(size.angular_rad, turned, speed.angular_rad_s);
    }
    if (start.tool === null || posture.tool === null) return 0;
    const [from, to] = [start.tool.pose, posture.tool.pose];
    const linear = remaining(size.linear_m, distance(from, to), speed.linear_m_s);
    return Math.min(linear, remaining(size.angular_rad, angleBetween(from, to), speed.angular_rad_s));
  }
}

function remaining(size: number, done: number, speed: number): number {
  const left = size - done;
  return left <= 0 ? 0 : Math.max(LEAST_SHARE, Math.min(1, left / (speed * SLOW_S)));
}

function distance({ position: a }: Pose, { position: b }: Pose): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function angleBetween({ orientation: a }: Pose, { orientation: b }: Pose): number {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  return 2 * Math.acos(Math.min(1, Math.abs(dot)));
}
