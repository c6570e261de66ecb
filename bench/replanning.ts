import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng, type Rng } from '../contracts/index.ts';
import { IkSolver, MovingPlanner, PathPlanner, type RunningMotion, reportMotion } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Benchmark, row } from './benchmark.ts';

const CASES = 300;
const WARM_UP = 40;
const LEAST_REDIRECTED = 0.95;

/**
 * A Panda at its full limits moves between random positions over a table; a ball comes into its way. Ours goes round it
 * without a stop; the reference stops on the path and then goes on from rest by a path planned anew.
 */
export const replanning: Benchmark = {
  name: 'replanning',
  claim: 'an arm under way goes round what comes into its way within its limits, and arrives sooner than by stopping',
  async run(progress) {
    const course = new Course();
    for (let seed = 0; seed < WARM_UP; seed++) course.run(-1 - seed);
    const runs: Run[] = [];
    for (let seed = 0; seed < CASES; seed++) {
      if (seed % 100 === 0) progress(`motion ${seed} of ${CASES}`);
      runs.push(course.run(seed));
    }
    const of = (kind: Run['kind']) => runs.filter((each) => each.kind === kind);
    const redirected = of('redirect');
    const turned = redirected.map(({ ms }) => ms);
    const both = redirected.filter(({ stopping_s }) => stopping_s !== null);
    const with_room = runs.filter(({ kind, could }) => kind === 'redirect' || could);
    const gain = both.map(({ moving_s, stopping_s }) => moving_s / (stopping_s ?? Number.NaN));
    const wrong = runs.filter(({ fault }) => fault !== '');
    const rows = [
      row(`redirected of ${CASES}`, redirected.length, ''),
      row('time to the redirected motion, median', quantile(turned, 0.5), 'ms'),
      row('time to the redirected motion, 95 %', quantile(turned, 0.95), 'ms'),
      row(
        'time to the answer that all is clear, median',
        quantile(
          runs.map(({ keep_ms }) => keep_ms),
          0.5,
        ),
        'ms',
      ),
      row(
        'from the question to the goal, median',
        quantile(
          both.map(({ moving_s }) => moving_s),
          0.5,
        ),
        's',
        {
          name: 'stop, plan anew and go on',
          value: quantile(
            both.map(({ stopping_s }) => stopping_s ?? Number.NaN),
            0.5,
          ),
        },
      ),
    ];
    const checks = [
      {
        name: 'every motion within the limits and clear of the ball, sample by sample',
        pass: wrong.length === 0,
        detail: `${runs.length} motions, ${wrong.length} wrong${wrong[0] === undefined ? '' : `: ${wrong[0].fault}`}`,
      },
      {
        name: `at least ${100 * LEAST_REDIRECTED} % redirected where there is room to stop and the goal is free`,
        pass: redirected.length >= LEAST_REDIRECTED * with_room.length,
        detail: `${redirected.length} of ${with_room.length}`,
      },
      {
        name: 'sooner at the goal than by stopping, in the median',
        pass: quantile(gain, 0.5) < 1,
        detail: `${quantile(gain, 0.5).toFixed(3)} of the time over ${both.length} motions`,
      },
    ];
    return { rows, checks };
  },
};

interface Run {
  readonly kind: 'keep' | 'redirect' | 'stop';
  readonly ms: number;
  readonly keep_ms: number;
  /** Stopped, though there was room and the goal is free. */
  readonly could: boolean;
  readonly moving_s: number;
  readonly stopping_s: number | null;
  readonly fault: string;
}

class Course {
  private readonly robot = loadRobot('panda', { visualMeshes: false });
  private readonly n = this.robot.arm_joints;
  private readonly world = new CollisionWorld(this.robot);
  private readonly planner = new PathPlanner(this.robot, this.world, { max_iterations: 3000 });
  private readonly moving = new MovingPlanner(this.planner, this.robot.limits);
  private readonly judge = new CollisionWorld(this.robot);
  private readonly chain = new IkSolver(this.robot).chain;

  run(seed: number): Run {
    const { world, moving, planner, judge } = this;
    const rng = createRng(seed, 'replanning');
    world.setObstacles([TABLE]);
    const motion = this.motion(rng);
    const { duration_s, dt_s } = motion.motion;
    const at_s = rng.range(0, 0.4) * duration_s;
    const began = performance.now();
    moving.answer(motion, at_s, rng.stream('clear'));
    const keep_ms = performance.now() - began;
    const hit = Math.floor((at_s + rng.range(0.3, 0.9) * (duration_s - at_s)) / dt_s);
    const all = [TABLE, this.ball(motion, hit, rng.range(0.03, 0.08))];
    world.setObstacles(all);
    judge.setObstacles(all);
    const started = performance.now();
    const answer = moving.answer(motion, at_s, rng.stream('answer'));
    const ms = performance.now() - started;
    const could = answer.kind === 'stop' && answer.clear && answer.stage !== 'goal';
    const stopped = motion.stop(at_s);
    const stop_path = stopped.path;
    const anew = planner.plan(
      stop_path[stop_path.length - 1],
      [motion.path[motion.path.length - 1]],
      rng.stream('anew'),
    );
    return {
      kind: answer.kind,
      ms,
      keep_ms,
      could,
      moving_s: answer.motion.motion.duration_s - at_s,
      stopping_s: anew.ok ? stopped.motion.duration_s - at_s + moving.start(anew.path).motion.duration_s : null,
      fault: this.fault(answer.motion, at_s, answer.kind !== 'stop' || answer.clear, `seed ${seed}`),
    };
  }

  /** A motion of a second at least between two random positions. */
  private motion(rng: Rng): RunningMotion {
    for (;;) {
      const found = this.planner.plan(this.position(rng), [this.position(rng)], rng.stream('path'));
      if (!found.ok) continue;
      const motion = this.moving.start(found.path);
      if (motion.motion.duration_s > 1) return motion;
    }
  }

  private position(rng: Rng): Float64Array {
    const { position_lower: lower, position_upper: upper } = this.robot.limits;
    for (;;) {
      const q = this.robot.home_q.slice(0, this.n).map((x, j) => {
        return Math.min(Math.max(x + rng.range(-1, 1) * (j === 0 ? 2.5 : 1), lower[j]), upper[j]);
      });
      if (!this.world.collides(q)) return q;
    }
  }

  private ball(motion: RunningMotion, at: number, radius: number): Obstacle {
    this.chain.place(motion.motion.samples().position.subarray(at * this.n, (at + 1) * this.n));
    const [x, y, z] = this.chain.tool.slice(9);
    const pose = { position: [x, y, z], orientation: [0, 0, 0, 1] } as const;
    return { name: 'ball', shape: { type: 'sphere', radius }, pose };
  }

  private fault(motion: RunningMotion, at_s: number, clear: boolean, said: string): string {
    const samples = motion.motion.samples();
    const report = reportMotion(samples, this.robot.limits, motion.path);
    const most = Math.max(report.velocity, report.acceleration, report.jerk);
    if (most > 1 + 1e-6 || report.off_path_rad > 1e-3 || report.integration_rad > 1e-9) {
      return `${said}: ${JSON.stringify(report)}`;
    }
    for (let k = Math.floor(at_s / samples.dt_s); clear && k < samples.rows; k++) {
      if (this.judge.collides(samples.position, k * this.n))
        return `${said}: ${this.judge.lastContact().join(' and ')}`;
    }
    return '';
  }
}

const TABLE: Obstacle = {
  name: 'table',
  shape: { type: 'box', size: [1, 1.6, 0.05] },
  pose: { position: [0.65, 0, -0.025], orientation: [0, 0, 0, 1] },
};

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
