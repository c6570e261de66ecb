import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { Push } from './record.ts';

/** Pushes the robot's hand and the objects as a record says, step by step. */
export class Pusher {
  private readonly engine: PhysicsEngine;
  private readonly hand: number;
  private readonly pushes: readonly Push[];
  private readonly wrench = new Float64Array(6);
  private readonly pose = new Float64Array(12);
  private readonly tool: readonly number[];
  private next = 0;

  constructor(robot: Robot, engine: PhysicsEngine, pushes: readonly Push[]) {
    const frame = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
    this.engine = engine;
    this.hand = frame?.body ?? -1;
    this.tool = frame?.p ?? [0, 0, 0];
    this.pushes = pushes;
  }

  /** Before a step that begins at `time_s`: adds the forces that act then. The hand is pushed at the tool frame's origin. */
  push(time_s: number): void {
    const { pushes, engine, wrench } = this;
    while (this.next < pushes.length && time_s >= end(pushes[this.next])) this.next++;
    for (let k = this.next; k < pushes.length && pushes[k].time_s <= time_s; k++) {
      if (time_s >= end(pushes[k])) continue;
      const { on, force_N } = pushes[k];
      wrench.fill(0);
      for (let i = 0; i < 3; i++) wrench[i] = force_N[i];
      if (on !== 'hand') engine.pushObject(on, wrench);
      else if (this.hand >= 0) this.pushHand();
    }
  }

  private pushHand(): void {
    const { engine, wrench: w, pose: R, tool: p } = this;
    engine.bodyPose(this.hand, R);
    const x = R[0] * p[0] + R[1] * p[1] + R[2] * p[2];
    const y = R[3] * p[0] + R[4] * p[1] + R[5] * p[2];
    const z = R[6] * p[0] + R[7] * p[1] + R[8] * p[2];
    w[3] = y * w[2] - z * w[1];
    w[4] = z * w[0] - x * w[2];
    w[5] = x * w[1] - y * w[0];
    engine.pushBody(this.hand, w);
  }
}

function end({ time_s, push_duration_s }: Push): number {
  return time_s + push_duration_s;
}
