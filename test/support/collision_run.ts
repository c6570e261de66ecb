import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CollisionGuard } from '../../safety/collision/collision_guard.ts';
import type { JointGuard } from '../../safety/joint_guard.ts';
import type { Obstacle } from '../../safety/obstacle.ts';
import { guardsOf, randomObstacle, TailOracle } from './tail_oracle.ts';

export interface RunOptions {
  readonly hz: number;
  readonly self_margin_m: number;
  readonly obstacle_margin_m: number;
  readonly obstacles: number;
  /** Greatest obstacle speed along each axis (m/s). */
  readonly obstacle_speed?: number;
}

/** A Panda-like arm that wanders among obstacles, held off by the guard: what the gate does, without its other duties. */
export class CollisionRun {
  readonly joints: JointGuard[];
  readonly guard: CollisionGuard;
  readonly oracle: TailOracle;
  readonly obstacles: readonly Obstacle[];
  readonly q: Float64Array;
  cycle = 0;
  refused = 0;
  private readonly hz: number;

  constructor(robot: Robot, rng: Rng, options: RunOptions) {
    const { hz, self_margin_m, obstacle_margin_m } = options;
    this.hz = hz;
    this.joints = guardsOf(robot, hz);
    this.joints.forEach((joint, k) => {
      joint.reset(robot.home_q[k]);
    });
    this.q = robot.home_q.slice();
    this.oracle = new TailOracle(robot, { self: self_margin_m, obstacle: obstacle_margin_m });
    const list: Obstacle[] = [];
    while (list.length < options.obstacles) {
      const obstacle = randomObstacle(rng, `obstacle_${list.length}`, options.obstacle_speed ?? 0);
      this.oracle.setObstacles([obstacle]);
      if (this.oracle.clearance(robot.home_q, 0) > 0) list.push(obstacle);
    }
    this.obstacles = list;
    this.oracle.setObstacles(list);
    this.guard = new CollisionGuard(robot, this.joints, { hz, self_margin_m, obstacle_margin_m, keep_out: [] });
    this.guard.setObstacles(list, 0);
  }

  /** One cycle towards `velocity` (rad/s), or along the stop if the guard refuses that. */
  step(velocity: Float64Array): void {
    const { joints, guard, q } = this;
    guard.time_s = this.cycle / this.hz;
    for (let k = 0; k < joints.length; k++) joints[k].proposeTowardsVelocity(velocity, k);
    if (!guard.allows()) {
      this.refused++;
      for (let k = 0; k < joints.length; k++) joints[k].proposeStop();
    }
    for (let k = 0; k < joints.length; k++) {
      joints[k].commit();
      q[k] = joints[k].p;
    }
    this.cycle++;
  }
}
