import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CollisionWorld, type Obstacle } from '../collision/index.ts';
import { createRng, PACKAGE_ROOT } from '../contracts/index.ts';
import { EdgeChecker, type PlanningProblem, problemFile, readProblem, toObstacle } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Benchmark, type BenchmarkResult, row } from './benchmark.ts';
import { planningEnvironment, type UpstreamRobot, upstreamRobots } from './planning_environment.ts';

const PROBLEMS = join(PACKAGE_ROOT, 'planning', 'golden', 'mbm_panda.json');
const STATES = 400;
const ROUNDS = 7;
/** Length of the edges looked at (rad), and the step that they are looked at by otherwise. */
const EDGE_RAD = 0.4;
const STEP_RAD = 0.01;
const PADDING_M = 0.002;
const MOST_DIFFERENT = 0.002;

const answer = z.object({ contacts: z.array(z.array(z.string()).nullable()), us_per_check: z.number() });

interface Scene {
  readonly problem: PlanningProblem;
  readonly obstacles: readonly Obstacle[];
  /** Arm joints of states, and of both ends of edges, one after the other. */
  readonly states: Float64Array;
  readonly edges: Float64Array;
}

/** Contact of the upstream Panda in cells of MotionBenchMaker: whole states beside Coal, edges beside steps along them. */
export const contact: Benchmark = {
  name: 'contact',
  claim:
    'contact decided on the hulls of the meshes at a fraction of the time of Pinocchio with Coal, edges without tunnelling at a fraction of that of steps',
  async run(progress) {
    const environment = await planningEnvironment();
    if ('missing' in environment) {
      progress(`skipped: ${environment.missing}`);
      return { rows: [], checks: [] };
    }
    return measure(upstreamRobots(environment.python).panda, environment.python, progress);
  },
};

function measure(
  { urdf, srdf, package_dir }: UpstreamRobot,
  python: string,
  progress: (line: string) => void,
): BenchmarkResult {
  const loaded = loadRobot(urdf, { srdf, packageDir: package_dir, visualMeshes: false });
  const n = loaded.arm_joints;
  const robot = { ...loaded, home_q: loaded.home_q.map((x, j) => (j < n ? x : 0.04)) };
  const { position_lower, position_upper } = robot.limits;
  const world = new CollisionWorld(robot, { max_obstacles: 64 });
  const scenes = readScenes(position_lower, position_upper);
  const show = (scene: Scene, padding_m: number): void => {
    world.setObstacles(scene.obstacles.map((obstacle) => ({ ...obstacle, padding_m })));
    for (const [link, id] of scene.problem.allowed_contacts ?? []) world.allow(link, id);
  };
  const stepping = new EdgeChecker(
    { n, lower: position_lower, upper: position_upper, collides: (q, offset = 0) => world.collides(q, offset) },
    STEP_RAD,
  );
  const edges = (free: (Q: Float64Array, k: number) => boolean, found: boolean[]): number =>
    quickest(
      scenes,
      (scene) => show(scene, PADDING_M),
      STATES / 4,
      (scene, k) => void found.push(free(scene.edges, k)),
    );

  progress('ours');
  const touching: boolean[] = [];
  const check_us = quickest(
    scenes,
    (scene) => show(scene, 0),
    STATES,
    (scene, k) => void touching.push(world.collides(scene.states, n * k)),
  );
  const whole: boolean[] = [];
  const steps: boolean[] = [];
  const step_us = edges((Q, k) => stepping.free(Q, 2 * n * k, Q, 2 * n * k + n), steps);
  const edge_us = edges((Q, k) => world.segmentFree(Q, 2 * n * k, Q, 2 * n * k + n), whole);

  progress('Pinocchio and Coal');
  const theirs = askCoal(scenes, n, { urdf, srdf, package_dir }, python);
  const different = theirs.contacts.filter((pair, i) => (pair !== null) !== touching[i]).length;
  const tunnelled = whole.filter((free, i) => free && !steps[i]).length;
  const refused = whole.filter((free, i) => !free && steps[i]).length;
  const coal = { name: 'Pinocchio and Coal, from Python', value: theirs.us_per_check };
  const stepped = { name: `steps of ${STEP_RAD} rad`, value: step_us };
  return {
    rows: [
      row('contact of a state', check_us, 'µs', coal),
      row(`contact of an edge of ${EDGE_RAD} rad`, edge_us, 'µs', stepped),
    ],
    checks: [
      {
        name: 'states are told as Coal tells them, but at the very edge of contact and in hollow meshes',
        pass: different <= MOST_DIFFERENT * theirs.contacts.length,
        detail: `${different} of ${theirs.contacts.length} differ, ${touching.slice(0, theirs.contacts.length).filter(Boolean).length} touch`,
      },
      {
        name: 'no edge called free touches at a step, and hardly any other does not',
        pass: tunnelled === 0 && refused <= MOST_DIFFERENT * whole.length,
        detail: `${tunnelled} tunnelled, ${refused} refused of ${whole.length}`,
      },
      {
        name: 'faster than either',
        pass: check_us < coal.value && edge_us < step_us,
        detail: `${check_us.toFixed(2)} µs a state, ${edge_us.toFixed(1)} µs an edge`,
      },
    ],
  };
}

/** Least time of `work` a piece, over rounds through all scenes (µs). */
function quickest(
  scenes: readonly Scene[],
  show: (scene: Scene) => void,
  pieces: number,
  work: (scene: Scene, k: number) => void,
): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    for (const scene of scenes) {
      show(scene);
      const begin = performance.now();
      for (let k = 0; k < pieces; k++) work(scene, k);
      sum += performance.now() - begin;
    }
    least = Math.min(least, sum);
  }
  return (1e3 * least) / (pieces * scenes.length);
}

/** Every fourth problem, with states half of them near its ends, and edges from every fourth state on. */
function readScenes(lower: Float64Array, upper: Float64Array): Scene[] {
  const n = lower.length;
  const rng = createRng(1, 'contact benchmark');
  const file = problemFile.parse(JSON.parse(readFileSync(PROBLEMS, 'utf8')));
  return file.problems.flatMap((value, place) => {
    const { problem } = readProblem(value, place);
    if (problem === null || place % 4 !== 0) return [];
    const states = new Float64Array(n * STATES);
    const edges = new Float64Array((2 * n * STATES) / 4);
    for (let k = 0; k < STATES; k++) {
      const end = k % 4 === 0 ? problem.start : k % 4 === 1 ? problem.goal : null;
      const way = Array.from({ length: n }, () => rng.normal());
      for (let j = 0; j < n; j++) {
        const x = end === null ? rng.range(lower[j], upper[j]) : end[j] + rng.range(-0.3, 0.3);
        states[n * k + j] = x;
        if (k % 4 !== 0) continue;
        edges[(n * k) / 2 + j] = x;
        edges[(n * k) / 2 + n + j] = x + (EDGE_RAD * way[j]) / Math.hypot(...way);
      }
    }
    return [{ problem, obstacles: problem.obstacles.map((each) => toObstacle(each)), states, edges }];
  });
}

/** What Pinocchio and Coal say of the same states, and how long one takes them. */
function askCoal(
  scenes: readonly Scene[],
  n: number,
  { urdf, srdf, package_dir }: UpstreamRobot,
  python: string,
): z.infer<typeof answer> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-contact-'));
  try {
    const states = scenes.flatMap(({ states: Q }, problem) =>
      Array.from({ length: STATES }, (_, k) => ({ problem, q: [...Q.subarray(n * k, n * k + n)] })),
    );
    const joints = Array.from({ length: n }, (_, j) => `panda_joint${j + 1}`);
    const given = join(folder, 'in.json');
    const out = join(folder, 'out.json');
    writeFileSync(given, JSON.stringify({ joints, problems: scenes.map(({ problem }) => problem), states }));
    const script = join(PACKAGE_ROOT, 'collision', 'contact_peer.py');
    execFileSync(python, ['-B', script, urdf, srdf, package_dir, given, out], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return answer.parse(JSON.parse(readFileSync(out, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
