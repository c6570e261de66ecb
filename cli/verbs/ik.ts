import type { Command } from 'commander';
import { z } from 'zod';
import { type IkAnswer, IkCases, ikFile, targetOf } from '../../planning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { readJsonFile, writeTextFile } from '../json_files.ts';
import { createBar } from '../progress.ts';

const flagsOf = z.object({
  robot: z.string(),
  package: z.string().optional(),
  frame: z.string().optional(),
  in: z.string(),
  out: z.string(),
  seed: z.number(),
  nearest: z.boolean().optional(),
  requireAll: z.boolean().optional(),
  json: z.boolean().optional(),
});

/** Targets solved before any is timed, and between two looks at the progress. */
const WARM_UP = 300;
const CHUNK = 100;

const FORMAT = `
In: {"targets":[{"position":[m],"orientation":[x,y,z,w],"seed"?:[rad]}]}, or the list alone. Poses in the frame of the
  robot's root link; seed: arm joints to stay near, else the robot's home pose.
Out: {"joint_names":[],"frame","targets":[{"joints":[rad] within the limits or null,"reason"?,"position_error_m",
  "rotation_error_rad"}]}, or the list alone as given; errors of the nearest position found where joints is null.

Example: surepick ik --robot panda --frame panda_hand_tcp --in targets.json --out joints.json --json`;

export function addIk(program: Command): void {
  program
    .command('ik')
    .description('Joint positions that bring a link of the arm to given poses, or how near it can come.')
    .option('--robot <name|file>', 'panda, or a URDF file', 'panda')
    .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
    .option('--frame <link>', 'link to bring there (default: panda_hand_tcp, tool0, else the tip of the longest chain)')
    .requiredOption('--in <file>', 'JSON as below')
    .requiredOption('--out <file>', 'JSON: joints or a reason for every target')
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), 0)
    .option('--nearest', 'of the many solutions of seven joints the nearest to the seed, in three times the time')
    .option('--require-all', 'exit code 1 unless every target is solved')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', FORMAT)
    .action(async (raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const robot = loadRobot(flags.robot, {
        ...(flags.package === undefined ? {} : { packageDir: flags.package }),
        visualMeshes: false,
      });
      const frame = flags.frame ?? robot.tcp_frame;
      const file = readJsonFile(flags.in, ikFile, { bareNumbers: true });
      const list = Array.isArray(file) ? file : file.targets;
      const cases = new IkCases(robot, flags.seed, { frame, thorough: flags.nearest ?? false });
      const { answers, times_us, interrupted } = await solveAll(cases, list, robot.arm_joints);
      const head = { joint_names: robot.model.joint_names.slice(0, robot.arm_joints), frame };
      writeTextFile(flags.out, pieces(answers, Array.isArray(file) ? null : head));
      const summary = summarise(answers, times_us);
      const { closed_form } = cases.solver;
      say(
        `${summary.solved} of ${summary.total} poses of ${frame} reached, ` +
          `${summary.median_us?.toFixed(1)} µs in the median (${closed_form?.structure ?? 'descent from several starts'}); written to ${flags.out}`,
      );
      for (const [i, { joints, reason }] of [...answers.entries()]
        .filter(([, each]) => each.joints === null)
        .slice(0, 10)) {
        if (joints === null) say(`  target ${i}: ${reason}`);
      }
      if (flags.json) emitJson('ik', { robot: robot.name, frame, seed: flags.seed, ...summary, out: flags.out });
      if (interrupted) process.exitCode = 130;
      else if (flags.requireAll && summary.solved < summary.total) process.exitCode = 1;
    });
}

interface Solved {
  readonly answers: IkAnswer[];
  readonly times_us: number[];
  readonly interrupted: boolean;
}

async function solveAll(cases: IkCases, list: readonly unknown[], arm_joints: number): Promise<Solved> {
  const targets = list.map((given) => targetOf(given, arm_joints));
  for (const [i, target] of targets.slice(0, WARM_UP).entries()) if ('pose' in target) cases.solve(target, i);
  const answers: IkAnswer[] = [];
  const times_us: number[] = [];
  const bar = createBar('targets');
  try {
    const interrupted = await untilInterrupted(async (signal) => {
      for (const [i, target] of targets.entries()) {
        if ('pose' in target) {
          const started = performance.now();
          answers.push(cases.solve(target, i));
          times_us.push((performance.now() - started) * 1000);
        } else {
          answers.push({ joints: null, reason: target.reason, position_error_m: null, rotation_error_rad: null });
        }
        if (i % CHUNK !== 0) continue;
        bar.update(i + 1, targets.length);
        await new Promise(setImmediate);
        if (signal.aborted) return true;
      }
      return false;
    });
    return { answers, times_us, interrupted };
  } finally {
    bar.stop();
  }
}

/** Figures over all targets; errors over the solved ones, times over those that could be used; null if there is none. */
function summarise(answers: readonly IkAnswer[], times_us: readonly number[]) {
  const solved = answers.filter(({ joints }) => joints !== null);
  const sorted = [...times_us].sort((a, b) => a - b);
  const at = (part: number): number | null => sorted[Math.floor(part * sorted.length)] ?? null;
  const most = (errors: (number | null)[]): number | null =>
    errors.reduce<number | null>((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null);
  return {
    total: answers.length,
    solved: solved.length,
    median_us: at(0.5),
    p99_us: at(0.99),
    max_us: sorted.at(-1) ?? null,
    max_position_error_m: most(solved.map(({ position_error_m }) => position_error_m)),
    max_rotation_error_rad: most(solved.map(({ rotation_error_rad }) => rotation_error_rad)),
  };
}

function* pieces(answers: readonly IkAnswer[], head: object | null): Generator<string> {
  yield head === null ? '[' : `${JSON.stringify(head).slice(0, -1)},"targets":[`;
  for (const [i, answer] of answers.entries()) yield `${i === 0 ? '' : ',\n'}${JSON.stringify(answer)}`;
  yield head === null ? ']\n' : ']}\n';
}
