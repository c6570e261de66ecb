import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  type PlannedProblem,
  type PlanningScene,
  ProblemPlanner,
  problemFile,
  type ReadProblem,
  readPlanningScene,
  readProblem,
  type SampledTrajectory,
} from '../../planning/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { readJsonFile, writeTextFile } from '../json_files.ts';
import { createBar } from '../progress.ts';

const flagsOf = z.object({
  robot: z.string(),
  srdf: z.string().optional(),
  package: z.string().optional(),
  problems: z.string(),
  scene: z.string().optional(),
  out: z.string().optional(),
  seed: z.number(),
  timed: z.boolean().optional(),
  requireAll: z.boolean().optional(),
  json: z.boolean().optional(),
});

/** Problems planned before any is timed, in at most so many contact checks: the first of a cold process take twenty times as long. */
const WARM_UP = 150;
const WARM_UP_CHECKS = 200_000;

const FORMAT = `
In: {"joints":[names],"problems":[{"set","index","start":[rad],"goal":[rad],"obstacles":[{"id","type":"box"|"cylinder"|
  "sphere","position","orientation":[x,y,z,w],"size"|"length","radius"}],"allowed_contacts":[[link, obstacle id]]}]}
  Metres and radians; poses in the frame of the robot's base. Fingers are held at 0.04 m. Joints without limits may end
  whole turns from the goal, where that is shorter; a note says so. Obstacles may also be
  {"id","type":"mesh","file","position","orientation","scale"?}, a STL, OBJ or COLLADA file beside the file of problems,
  and {"id","type":"points","points":[[x,y,z]],"radius"}.
Scene: MoveIt's .scene text, or a moveit_msgs/PlanningScene as YAML or JSON: its obstacles stand in every problem beside
  the problem's own; an attached object, padding of links and allowed contacts count as well.
Out: [{"set","index","path":[[rad]] or null,"reason","planning_ms", and where there is something to say "stage","contact",
  "closest","note"; with --timed "trajectory":{"dt","position","velocity","acceleration","jerk"}}]; edges are straight in
  joint space.

Example: surepick plan --robot panda.urdf --srdf panda.srdf --package DIR --problems problems.json --out paths.json --json`;

export function addPlan(program: Command): void {
  program
    .command('plan')
    .description(
      'Collision-free paths for planning problems, or the stage, the reason and the contact of each failure.',
    )
    .option('--robot <name|file>', 'panda, or a URDF file', 'panda')
    .option('--srdf <file>', 'which pairs of links need no check; without it chosen from the geometry')
    .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
    .requiredOption('--problems <file>', 'JSON as below')
    .option('--scene <file>', "MoveIt's planning scene: what stands about in every problem")
    .option('--out <file>', 'JSON: a path or a reason for every problem')
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), 0)
    .option('--timed', 'adds trajectories at 1 kHz within the limits; paths are then dense, with rounded corners')
    .option('--require-all', 'exit code 1 unless every problem is solved')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', FORMAT)
    .action(async (raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const robot = loadRobot(flags.robot, {
        ...(flags.srdf === undefined ? {} : { srdf: flags.srdf }),
        ...(flags.package === undefined ? {} : { packageDir: flags.package }),
        visualMeshes: false,
      });
      const file = readJsonFile(flags.problems, problemFile, { bareNumbers: true });
      const problems = file.problems.map(readProblem);
      const scene = flags.scene === undefined ? null : sceneOf(flags.scene, robot, flags.package);
      const { planned, interrupted } = await planAll(robot, problems, file.joints, scene, flags);
      if (flags.out !== undefined) writeTextFile(flags.out, asArray(planned));
      const summary = summarise(planned);
      say(
        `${summary.solved} of ${summary.total} problems solved; ` +
          `${summary.median_ms?.toFixed(2)} ms in the median, ${summary.p95_ms?.toFixed(2)} at 95 %` +
          (flags.out === undefined ? '' : `; written to ${flags.out}`),
      );
      for (const { set, index, reason } of planned.filter(({ path }) => path === null).slice(0, 10)) {
        say(`  ${set} ${index}: ${reason}`);
      }
      if (flags.json) {
        const limits = flags.timed ? { limits: limitsOf(robot) } : {};
        emitJson('plan', { robot: robot.name, seed: flags.seed, ...summary, ...limits });
      }
      if (interrupted) process.exitCode = 130;
      else if (flags.requireAll && summary.solved < summary.total) process.exitCode = 1;
    });
}

async function planAll(
  robot: Robot,
  problems: readonly ReadProblem[],
  joints: readonly string[] | undefined,
  scene: PlanningScene | null,
  { seed, timed = false, problems: file }: Pick<z.infer<typeof flagsOf>, 'seed' | 'timed' | 'problems'>,
): Promise<{ planned: Timed[]; interrupted: boolean }> {
  const most = Math.max(1, ...problems.map(({ problem }) => problem?.obstacles.length ?? 0));
  const planner = new ProblemPlanner(robot, {
    seed,
    max_obstacles: most,
    rounded: timed,
    folder: dirname(file),
    ...(joints === undefined ? {} : { joints }),
    ...(scene === null ? {} : { scene }),
  });
  for (let i = 0; i < WARM_UP && problems.length > 0 && planner.checks < WARM_UP_CHECKS; i++) {
    planner.plan(problems[Math.floor((i * problems.length) / WARM_UP)]);
  }
  const bar = createBar('problems');
  const planned: Timed[] = [];
  try {
    const interrupted = await untilInterrupted(async (signal) => {
      for (const [i, problem] of problems.entries()) {
        const started = performance.now();
        const result = planner.plan(problem);
        const planning_ms = performance.now() - started;
        const motion = timed && result.path !== null ? planner.time(result.path) : {};
        planned.push({ ...result, planning_ms, ...motion });
        bar.update(i + 1, problems.length);
        await new Promise(setImmediate);
        if (signal.aborted) return true;
      }
      return false;
    });
    return { planned, interrupted };
  } finally {
    bar.stop();
  }
}

function sceneOf(file: string, robot: Robot, package_dir: string | undefined): PlanningScene {
  const root_link = robot.model.frames.find(({ body }) => body < 0)?.name;
  return readPlanningScene(file, {
    ...(root_link === undefined ? {} : { root_link }),
    ...(package_dir === undefined ? {} : { package_dir }),
  });
}

/** A JSON array piece by piece: with trajectories it is longer than a string may be. */
function* asArray(items: readonly object[]): Generator<string> {
  for (const [i, item] of items.entries()) yield `${i === 0 ? '[' : ',\n'}${JSON.stringify(item)}`;
  yield items.length === 0 ? '[]\n' : ']\n';
}

/** What trajectories were made within, in the arm's order of joints, and where it comes from. */
function limitsOf({ limits, motion_limits }: Robot) {
  const { velocity, acceleration, jerk } = limits;
  return { source: motion_limits, velocity: [...velocity], acceleration: [...acceleration], jerk: [...jerk] };
}

type Timed = PlannedProblem & { readonly planning_ms: number; readonly trajectory?: SampledTrajectory };

/** Figures over all problems; times and lengths over the solved ones, null if there is none. */
function summarise(planned: readonly Timed[]) {
  const solved = planned.filter(({ path }) => path !== null);
  const times = solved.map(({ planning_ms }) => planning_ms).sort((a, b) => a - b);
  const lengths = solved.map(({ path }) => lengthL1(path ?? [])).sort((a, b) => a - b);
  const at = (sorted: readonly number[], part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
  const hash = createHash('sha256');
  for (const { set, index, path } of planned) hash.update(`${JSON.stringify([set, index, path])}\n`);
  return {
    total: planned.length,
    solved: solved.length,
    median_ms: at(times, 0.5),
    p95_ms: at(times, 0.95),
    max_ms: at(times, 1),
    path_length_l1_median_rad: at(lengths, 0.5),
    digest: hash.digest('hex'),
  };
}

function lengthL1(path: readonly (readonly number[])[]): number {
  return path.slice(1).reduce((sum, q, i) => sum + q.reduce((s, x, j) => s + Math.abs(x - path[i][j]), 0), 0);
}
