import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import type { CalibrationFile } from '../perception/index.ts';
import { loadRobot } from '../robots/index.ts';
import { DISTURBANCE_NAMES, openSecondWorld, SHIPPED_SECOND_WORLD } from '../sim/index.ts';
import {
  aroundOf,
  checkEpisodeOptions,
  DEFAULT_EPISODE_OPTIONS as D,
  ENGINES,
  type EpisodeOptions,
  episodeOptions,
  fitTaskPolicy,
  modelNote,
  OBJECT_SETS,
  OBSERVATIONS,
  POLICIES,
  parseAround,
  parseFit,
  RANDOMIZATIONS,
  readCellCalibration,
  readTaskPolicy,
  TASKS,
} from '../stack/index.ts';
import { integerFrom, numberWithin, say } from './common.ts';
import { readJsonFile } from './json_files.ts';

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const SLOWEST = 1e-3;
const FASTEST = 1e6;

/** Options that `sim` and `run` share. */
export function addEpisodeOptions(command: Command, episodes: number): Command {
  return command
    .addOption(new Option('--task <name>', 'what to do').choices(TASKS).default(D.task))
    .addOption(new Option('--engine <name>', 'physics engine').choices(ENGINES).default(D.engine))
    .addOption(
      new Option(
        '--policy <name>',
        'stack: cameras to motion; expert: told where objects are; random: motions at random; onnx:FILE: a learned policy by the manifest beside it',
      )
        .argParser(policyName)
        .default(D.policy),
    )
    .addOption(new Option('--observation <kind>', 'what the policy sees').choices(OBSERVATIONS))
    .addOption(new Option('--randomize <level>', 'domain randomisation').choices(RANDOMIZATIONS).default(D.randomize))
    .addOption(
      new Option('--objects <set>', 'kinds of objects worlds are drawn from; train and test have none in common')
        .choices(OBJECT_SETS)
        .default(D.objects),
    )
    .option(
      '--second-world [file]',
      'with --engine mujoco: effects that no model has, from a sealed file (the shipped one by default)',
    )
    .option(
      '--disturb <list>',
      `what befalls every episode: NAME[:STRENGTH] with commas between, of ${DISTURBANCE_NAMES.join(', ')}`,
    )
    .option('--around <fit.json>', 'draw worlds around the arm that surepick identify found, and not around a guess')
    .addOption(new Option('--model <name>', 'vision model NAME[@VERSION] or FILE, or classical').default(D.model))
    .option('--calibration <file>', 'cameras as surepick calibrate cameras measured them (default: as planned)')
    .option('--episodes <n>', 'how many', integerFrom(1, 1_000_000), episodes)
    .option('--first <i>', 'index of the first episode; episode i is the same alone and in a batch', integerFrom(0), 0)
    .option('--workers <n>', 'worker threads', integerFrom(1, 256), 1)
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), 0)
    .addOption(
      new Option('--pace <p>', 'max, realtime, or simulated seconds per second of each worker')
        .argParser(pace)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .option('--trace <file>', 'write the state at 100 Hz as JSON lines')
    .option('--min-success <x>', 'exit with 1 when the success rate is below this', numberWithin(0, 1))
    .addOption(new Option('--log-level <level>', 'structured log on stderr').choices(LOG_LEVELS).default('silent'))
    .option('--json', 'print one JSON object as the last line of stdout');
}

export const batchFlags = z.object({
  episodes: z.number(),
  first: z.number(),
  workers: z.number(),
  pace: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
  trace: z.string().optional(),
  calibration: z.string().optional(),
  minSuccess: z.number().optional(),
  logLevel: z.enum(LOG_LEVELS),
  json: z.boolean().optional(),
});
export type BatchFlags = z.infer<typeof batchFlags>;

/** The options of the episodes themselves; the observation follows the policy unless it is given. */
export function episodeOptionsOf(flags: Record<string, unknown>): EpisodeOptions {
  const learned = learnedPolicyOf(flags);
  const observation = flags.observation ?? learned.observation ?? 'rgbd';
  const second = secondWorldOf(flags);
  const parsed = episodeOptions.safeParse({ ...flags, observation, ...second, ...learned.pin, ...aroundOption(flags) });
  if (!parsed.success)
    throw new InputError(`--${parsed.error.issues[0].path.join('.')}`, parsed.error.issues[0].message);
  return checkEpisodeOptions(parsed.data);
}

/** What follows from the file of a policy `onnx:FILE`. Throws InputError where it cannot be used. */
function learnedPolicyOf({ policy }: Record<string, unknown>): {
  readonly pin?: Pick<EpisodeOptions, 'policy_sha256'>;
  readonly observation?: EpisodeOptions['observation'];
} {
  if (typeof policy !== 'string' || !policy.startsWith('onnx:')) return {};
  const { manifest, environment } = fitTaskPolicy(readTaskPolicy(policy.slice('onnx:'.length)), loadRobot('panda'));
  return { pin: { policy_sha256: manifest.sha256 }, observation: environment.observation };
}

/** What `--around`, a fit's file or its words, tells of the arm; nothing where there is none. Throws InputError. */
export function aroundOption({ around }: Record<string, unknown>): Pick<EpisodeOptions, 'around'> {
  if (typeof around !== 'string') return {};
  const robot = loadRobot('panda');
  const words = around.includes('~') && !existsSync(around);
  if (words) parseAround(around, robot);
  return { around: words ? around : aroundOf(parseFit(readJsonFile(around, z.unknown()), around, robot)) };
}

/** The second world that was asked for, pinned by its hash. Throws InputError where it cannot be opened. */
function secondWorldOf({ secondWorld }: Record<string, unknown>): Pick<EpisodeOptions, 'second_world'> {
  if (secondWorld === undefined) return {};
  const name = typeof secondWorld === 'string' ? secondWorld : SHIPPED_SECOND_WORLD;
  return { second_world: openSecondWorld(name).name };
}

/** The calibration that was asked for; null for none. Throws InputError where it is not one of the cell's cameras. */
export function calibrationOf({ calibration }: BatchFlags): CalibrationFile | null {
  return calibration === undefined ? null : readCellCalibration(calibration, loadRobot('panda'));
}

/** Says what people should know of the model that episodes will see with. */
export async function tellModel({ policy, model }: EpisodeOptions): Promise<void> {
  const note = policy === 'stack' ? await modelNote(model, process.env) : '';
  if (note !== '') say(`note: ${note}`);
}

function policyName(text: string): string {
  if (POLICIES.some((name) => name === text) || /^onnx:./.test(text)) return text;
  throw new InvalidArgumentError(`Allowed choices are ${POLICIES.join(', ')}, onnx:FILE.`);
}

function pace(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  if (text === 'realtime') return 1;
  const value = Number(text);
  if (text.trim() === '' || !(value >= SLOWEST && value <= FASTEST)) {
    throw new InvalidArgumentError(`Allowed: max, realtime, or a number from ${SLOWEST} to ${FASTEST}.`);
  }
  return value;
}
