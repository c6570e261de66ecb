import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type CameraName, InputError } from '../../contracts/index.ts';
import { boardSvg, checkBoard, DEFAULT_BOARD as D } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { CAMERA_SPECS, RANDOMIZATION_LEVELS } from '../../sim/index.ts';
import { calibrateCell, DEFAULT_VIEWS } from '../../stack/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';
import { writeJsonFile, writeTextFile } from '../json_files.ts';

const METHODS = ['motion', 'target'] as const;
const CAMERAS = ['both', ...Object.keys(CAMERA_SPECS)] as const;

const boardFlags = { columns: z.number(), rows: z.number(), square: z.number() };
const targetFlags = z.object({ ...boardFlags, out: z.string(), json: z.boolean().optional() });
const camerasFlags = z.object({
  ...boardFlags,
  method: z.enum(METHODS),
  camera: z.string(),
  randomize: z.enum(RANDOMIZATION_LEVELS),
  seed: z.number(),
  views: z.number(),
  date: z.iso.datetime({ offset: true }).optional(),
  maxPosition: z.number().optional(),
  maxRotation: z.number().optional(),
  out: z.string(),
  json: z.boolean().optional(),
});

export function addCalibrate(program: Command): void {
  const calibrate = program
    .command('calibrate')
    .description('Where cameras are and what their lenses do: a target to print, and calibration in simulation.')
    .addHelpText('after', '\nExample: surepick calibrate cameras --seed 7 --randomize hard --out cameras.json');
  addTarget(calibrate);
  addCameras(calibrate);
}

function withBoard(command: Command): Command {
  return command
    .option('--columns <n>', 'squares along the long side', integerFrom(4, 40), D.columns)
    .option('--rows <n>', 'squares along the other; one of both is odd, one even', integerFrom(4, 40), D.rows)
    .option('--square <m>', 'side of a square, m', numberWithin(0.001, 0.5), D.square_m);
}

function addTarget(calibrate: Command): void {
  withBoard(calibrate.command('target'))
    .description('The board as SVG, true to size; print it at 100 % and glue it to something flat.')
    .requiredOption('--out <file>', 'SVG')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick calibrate target --square 0.025 --out board.svg')
    .action((raw: Record<string, unknown>) => {
      const { columns, rows, square, out, json } = targetFlags.parse(raw);
      const board = checkBoard({ columns, rows, square_m: square });
      writeTextFile(out, [boardSvg(board)]);
      say(`written: ${out}, ${columns} × ${rows} squares of ${1000 * square} mm`);
      if (json) emitJson('calibrate-target', { ...board, out });
    });
}

function addCameras(calibrate: Command): void {
  withBoard(calibrate.command('cameras'))
    .description('Calibrates the cameras of a simulated cell as its robot would, and compares with the truth.')
    .addOption(
      new Option('--method <name>', 'motion: by the moving arm and the table; target: by the board')
        .choices(METHODS)
        .default('motion'),
    )
    .addOption(new Option('--camera <name>', 'which').choices(CAMERAS).default('both'))
    .addOption(
      new Option('--randomize <level>', 'how far the cell is from what its robot believes')
        .choices(RANDOMIZATION_LEVELS)
        .default('hard'),
    )
    .option('--seed <n>', 'whose cell: that of sim and run with this seed', integerFrom(0), 0)
    .option('--views <n>', 'pictures taken of each camera', integerFrom(6, 200), DEFAULT_VIEWS)
    .option('--date <time>', 'written into the file, RFC 3339 (default: now)')
    .option('--max-position <m>', 'exit with 1 when a camera is further from where it truly is', numberWithin(0, 1))
    .option('--max-rotation <rad>', 'exit with 1 when one is turned by more', numberWithin(0, 4))
    .requiredOption(
      '--out <file>',
      'JSON: K, D, pose, covariances, residuals and the hash of the pictures, each camera',
    )
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick calibrate cameras --method target --seed 7 --out cameras.json --json')
    .action((raw: Record<string, unknown>) => {
      const parsed = camerasFlags.safeParse(raw);
      if (!parsed.success)
        throw new InputError(`--${parsed.error.issues[0].path.join('.')}`, parsed.error.issues[0].message);
      runCameras(parsed.data);
    });
}

function runCameras(flags: z.infer<typeof camerasFlags>): void {
  const { columns, rows, square, method, randomize: level, seed, views, out, json } = flags;
  const board = checkBoard({ columns, rows, square_m: square });
  const names = Object.values(CAMERA_SPECS).map(({ name }) => name);
  const cameras = names.filter((name) => flags.camera === 'both' || flags.camera === name);
  const date = flags.date ?? new Date().toISOString();
  const report = (camera: CameraName, rms: number, kind: string, used: number, position: number, rotation: number) =>
    say(
      `${camera}: ${(1000 * position).toFixed(2)} mm and ${((rotation * 180) / Math.PI).toFixed(3)}° from the truth; ` +
        `${used} pictures, ${kind === 'pixels' ? `${rms.toFixed(3)} pixels` : `${(1000 * rms).toFixed(2)} mm`} left`,
    );
  const options = { cameras, method, level, seed, views, board, date };
  const { file, trials } = calibrateCell(loadRobot('panda'), options, (camera, { session, ...errors }) => {
    const { kind, rms } = session.estimate.residuals;
    report(camera, rms, kind, session.used, errors.position_error_m, errors.rotation_error_rad);
  });
  writeJsonFile(out, file);
  say(`written: ${out}`);
  const rowsOf = trials.map(({ camera, trial: { session, truth: _, ...errors } }) => ({
    ...{ camera, method, pictures: session.taken, used: session.used, ...errors },
    residual_rms: session.estimate.residuals.rms,
    residual_unit: session.estimate.residuals.kind,
  }));
  if (json) emitJson('calibrate-cameras', { seed, randomize: level, cameras: rowsOf, out });
  const { maxPosition = Infinity, maxRotation = Infinity } = flags;
  const missed = rowsOf.some((row) => row.position_error_m > maxPosition || row.rotation_error_rad > maxRotation);
  if (missed) process.exitCode = 1;
}
