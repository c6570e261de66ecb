import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CollisionWorld, createProximity, type Obstacle, pointCloud } from '../collision/index.ts';
import { createRng, PACKAGE_ROOT, type Rng } from '../contracts/index.ts';
import { matrixFromQuaternion, rotate } from '../dynamics/index.ts';
import { type PlanningProblem, problemFile, readProblem, toObstacle } from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Benchmark, row } from './benchmark.ts';
import { planningEnvironment, upstreamRobots } from './planning_environment.ts';

const PROBLEMS = join(PACKAGE_ROOT, 'planning', 'golden', 'mbm_panda.json');
const STATES = 1000;
const PASSES = 5;
const REACH_M = 10;
const NEAR_M = 0.1;
const CLOUD_POINTS = 100_000;
/** Link hulls are within a tenth of a millimetre of the meshes, on the safe side, and two of them may meet. */
const AGREE_M = 4e-4;
const COAL = 'Pinocchio and Coal, in C++';

const theirs = z.array(
  z.object({ distance: z.number(), distances_us: z.number(), collides: z.boolean(), collides_us: z.number() }),
);

/** Signed distances of the upstream Panda in MotionBenchMaker scenes, and contact among 100,000 points, beside Coal. */
export const distances: Benchmark = {
  name: 'distances',
  claim: `the nearest of all signed distances of a robot with its gradient, within ${1e3 * AGREE_M} mm of Coal's and faster`,
  async run(progress) {
    const environment = await planningEnvironment();
    if ('missing' in environment) {
      progress(`skipped: ${environment.missing}`);
      return { rows: [], checks: [] };
    }
    const { urdf, srdf, package_dir } = upstreamRobots(environment.python).panda;
    const loaded = loadRobot(urdf, { srdf, packageDir: package_dir, visualMeshes: false });
    const robot = { ...loaded, home_q: loaded.home_q.map((x, j) => (j < loaded.arm_joints ? x : 0.04)) };
    const problems = problemFile.parse(JSON.parse(readFileSync(PROBLEMS, 'utf8'))).problems.flatMap((given, k) => {
      const { problem } = readProblem(given, k);
      return problem === null ? [] : [problem];
    });
    const states = drawStates(problems, createRng(5, 'distances'));
    progress(`${STATES} states by ${COAL}`);
    const folder = mkdtempSync(join(tmpdir(), 'surepick-distances-'));
    const [given, answer] = [join(folder, 'states.json'), join(folder, 'out.json')];
    writeFileSync(given, JSON.stringify(states));
    const script = join(PACKAGE_ROOT, 'bench', 'distances.py');
    execFileSync(environment.python, ['-B', script, urdf, srdf, package_dir, PROBLEMS, given, answer], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const peer = theirs.parse(JSON.parse(readFileSync(answer, 'utf8')));
    rmSync(folder, { recursive: true });
    progress('ours');
    const world = new CollisionWorld(robot);
    const near = createProximity(robot.arm_joints);
    const table = world.proximityTable();
    const found = new Float64Array(STATES);
    const touching = new Uint8Array(STATES);
    const q = states.map((state) => Float64Array.from(state.q));
    let shown = -1;
    const show = (k: number): void => {
      if (shown === states[k].problem) return;
      shown = states[k].problem;
      place(world, problems[shown]);
    };
    const nearest_us = timeEach(show, (k) => {
      world.nearest(q[k], 0, REACH_M, near);
      found[k] = near.distance_m;
    });
    const close_us = timeEach(show, (k) => world.nearest(q[k], 0, NEAR_M, near));
    const table_us = timeEach(show, (k) => world.distances(q[k], 0, NEAR_M, table));
    const contact_us = timeEach(show, (k) => {
      touching[k] = world.collides(q[k]) ? 1 : 0;
    });
    progress(`${CLOUD_POINTS} points`);
    const cloud = pointCloud('cloud', cloudOf(problems[0], createRng(6, 'cloud')), { voxel_m: 0, radius_m: 0.004 });
    world.setObstacles([cloud.obstacle]);
    const cloud_us = timeEach(
      () => {},
      (k) => world.collides(q[k]),
    );
    const off = peer.map(({ distance }, k) => Math.abs(distance - found[k])).sort((a, b) => a - b);
    const apart = peer.filter(({ distance }) => Math.abs(distance) > AGREE_M);
    const differ = peer.filter((one, k) => one.collides !== (touching[k] === 1) && Math.abs(one.distance) > AGREE_M);
    const distances_us = median(peer.map((one) => one.distances_us));
    return {
      rows: [
        row('nearest pair with its gradient, any distance: median', median(nearest_us), 'µs', {
          name: `${COAL}, no gradient`,
          value: distances_us,
        }),
        row(`nearest pair with its gradient, within ${NEAR_M} m: median`, median(close_us), 'µs'),
        row(`all links and pairs with gradients, within ${NEAR_M} m: median`, median(table_us), 'µs'),
        row('contact: median', median(contact_us), 'µs', {
          name: COAL,
          value: median(peer.map((one) => one.collides_us)),
        }),
        row(`contact with a cloud of ${CLOUD_POINTS} points: median`, median(cloud_us), 'µs'),
        row('nearest distance off by: median', off[off.length >> 1], 'm'),
      ],
      checks: [
        {
          name: `99 % of ${STATES} nearest distances within ${1e3 * AGREE_M} mm of Coal's`,
          pass: off[Math.floor(0.99 * off.length)] < AGREE_M,
          detail: `99 %: ${(1e3 * off[Math.floor(0.99 * off.length)]).toFixed(3)} mm, most ${(1e3 * off[off.length - 1]).toFixed(3)} mm`,
        },
        {
          name: 'the same states in contact, but for those nearer to it than that',
          pass: differ.length === 0,
          detail: `${differ.length} of ${apart.length} differ, ${touching.reduce((sum, x) => sum + x, 0)} in contact`,
        },
        {
          name: 'faster than Coal measures all pairs',
          pass: median(nearest_us) < distances_us,
          detail: `${median(nearest_us).toFixed(1)} and ${distances_us.toFixed(1)} µs`,
        },
      ],
    };
  },
};

interface State {
  readonly problem: number;
  readonly q: readonly number[];
}

/** Between start and goal of the problems in turn, with noise; states of one problem stand together. */
function drawStates(problems: readonly PlanningProblem[], rng: Rng): State[] {
  return Array.from({ length: STATES }, (_, k) => {
    const problem = Math.floor((k * problems.length) / STATES);
    const { start, goal } = problems[problem];
    const [t, noise] = [rng.uniform(), rng.range(0, 0.4)];
    return { problem, q: start.map((x, j) => x + t * (goal[j] - x) + noise * rng.normal()) };
  });
}

function obstaclesOf({ obstacles }: PlanningProblem): Obstacle[] {
  return obstacles.map((each) => toObstacle(each));
}

function place(world: CollisionWorld, problem: PlanningProblem): void {
  world.setObstacles(obstaclesOf(problem));
  for (const [link, obstacle] of problem.allowed_contacts ?? []) world.allow(link, obstacle);
}

/** Points on the faces of the boxes about a problem's obstacles. */
function cloudOf(problem: PlanningProblem, rng: Rng): Float64Array {
  const points = new Float64Array(3 * CLOUD_POINTS);
  const { obstacles } = problem;
  for (let k = 0; k < CLOUD_POINTS; k++) {
    const obstacle = obstacles[rng.int(obstacles.length)];
    const half = halfExtents(obstacle);
    const face = rng.int(3);
    const local = half.map((h, c) => (c === face ? (rng.int(2) === 0 ? h : -h) : rng.range(-h, h)));
    const turned = rotate(matrixFromQuaternion(obstacle.orientation), local);
    for (let c = 0; c < 3; c++) points[3 * k + c] = turned[c] + obstacle.position[c];
  }
  return points;
}

/** Least time of several passes of every state's work, µs. */
function timeEach(before: (k: number) => void, work: (k: number) => void): number[] {
  const least = new Array<number>(STATES).fill(Infinity);
  for (let pass = 0; pass <= PASSES; pass++) {
    for (let k = 0; k < STATES; k++) {
      before(k);
      const started = process.hrtime.bigint();
      work(k);
      const spent = Number(process.hrtime.bigint() - started) / 1000;
      if (pass > 0) least[k] = Math.min(least[k], spent);
    }
  }
  return least;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function halfExtents(obstacle: PlanningProblem['obstacles'][number]): number[] {
  switch (obstacle.type) {
    case 'box':
      return obstacle.size.map((side) => side / 2);
    case 'cylinder':
      return [obstacle.radius, obstacle.radius, obstacle.length / 2];
    case 'sphere':
      return new Array<number>(3).fill(obstacle.radius);
    case 'mesh':
    case 'points':
      throw new RangeError(`obstacle ${obstacle.id}: a box is put about a box, cylinder or sphere only`);
  }
}
