import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { DISTURBANCES, openSecondWorld, parseDisturbances, SHIPPED_SECOND_WORLD } from '../../sim/index.ts';
import {
  DEFAULT_EPISODE_OPTIONS as D,
  ENGINES,
  type Evaluation,
  type EvaluationSetting,
  evaluatePolicy,
  evaluationPage,
  failuresOf,
  measureRobustness,
  OBJECT_SETS,
  openPolicy,
  promotePolicy,
  RANDOMIZATIONS,
  type Robustness,
  type RobustnessPoint,
  readSuites,
  robustnessFactors,
  robustnessPage,
  seesPictures,
  TASKS,
} from '../../stack/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';
import { aroundOption } from '../episode_options.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createProgress } from '../progress.ts';

const flagsOf = z.object({
  policy: z.string(),
  against: z.string().optional(),
  task: z.enum(TASKS),
  engine: z.enum(ENGINES),
  randomize: z.enum(RANDOMIZATIONS),
  objects: z.enum(OBJECT_SETS),
  secondWorld: z.union([z.string(), z.boolean()]).optional(),
  disturb: z.string().optional(),
  around: z.string().optional(),
  model: z.string(),
  episodes: z.number(),
  first: z.number(),
  workers: z.number(),
  seed: z.number(),
  untilDecided: z.number().optional(),
  minSuccess: z.number().optional(),
  out: z.string().optional(),
  promote: z.string().optional(),
  suites: z.string().optional(),
  suite: z.literal('robustness').optional(),
  factors: z.string().optional(),
  json: z.boolean().optional(),
});
type Flags = z.infer<typeof flagsOf>;

export function addEval(program: Command): void {
  program
    .command('eval')
    .description('Judge a policy: success, failures by stage, motion, confidence; against another on the same worlds.')
    .addOption(new Option('--policy <name>', 'stack, expert, random or onnx:FILE').makeOptionMandatory())
    .option('--against <name>', 'another policy, played on the same worlds')
    .addOption(new Option('--task <name>', 'what to do').choices(TASKS).default(D.task))
    .addOption(new Option('--engine <name>', 'physics engine').choices(ENGINES).default(D.engine))
    .addOption(new Option('--randomize <level>', 'domain randomisation').choices(RANDOMIZATIONS).default(D.randomize))
    .addOption(
      new Option('--objects <set>', 'kinds of objects worlds are drawn from').choices(OBJECT_SETS).default(D.objects),
    )
    .option('--second-world [file]', 'with --engine mujoco: effects that no model has, from a sealed file')
    .option('--disturb <list>', 'what befalls every episode, as surepick sim has it')
    .option('--around <fit.json>', 'draw worlds around the arm that surepick identify found')
    .addOption(new Option('--model <name>', 'vision model of --policy stack').default(D.model))
    .option('--episodes <n>', 'how many, at most', integerFrom(1, 1_000_000), 100)
    .option('--first <i>', 'index of the first episode', integerFrom(0), 0)
    .option('--workers <n>', 'worker threads', integerFrom(1, 256), 1)
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), 0)
    .option(
      '--until-decided <x>',
      'stop as soon as it is clear whether success is above this rate, or with --against which policy is better',
      rate,
    )
    .option('--min-success <x>', 'exit with 1 when the success rate is below this', numberWithin(0, 1))
    .option('--out <file>', 'write a report.html with pictures of how failed episodes ended')
    .option('--promote <name>', 'take the place of NAME.onnx if not worse on every suite; writes NAME.promotion.json')
    .option('--suites <file>', 'suites of --promote, as JSON')
    .addOption(
      new Option(
        '--suite <name>',
        'robustness: the same worlds with every disturbance at rising strengths, as degradation curves',
      ).choices(['robustness']),
    )
    .option(
      '--factors <list>',
      'of --suite robustness: disturbances with commas between (default: all that concern it)',
    )
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExamples: surepick eval --policy stack --suite robustness --episodes 40 --out robustness.html\n' +
        '          surepick eval --policy onnx:pick.onnx --episodes 500 --seed 3 --out report.html\n' +
        '          surepick eval --policy onnx:new.onnx --against onnx:old.onnx --until-decided 0.5 --json\n' +
        '          surepick eval --policy onnx:new.onnx --promote policies/pick --suites suites.json',
    )
    .action(async (given: Record<string, unknown>) => {
      const flags = flagsOf.parse(given);
      if ((flags.promote === undefined) !== (flags.suites === undefined))
        throw new InputError('--promote without --suites, or the other way round', 'both');
      if (flags.factors !== undefined && flags.suite === undefined)
        throw new InputError('--factors', '--suite robustness with it');
      if (flags.suite !== undefined) await robustness(flags);
      else await (flags.promote === undefined ? evaluate(flags) : promote(flags, flags.promote, flags.suites ?? ''));
    });
}

async function evaluate(flags: Flags): Promise<void> {
  const setting = settingOf(flags);
  const progress = createProgress(flags.against === undefined ? flags.episodes : 2 * flags.episodes);
  const open = (name: string) => openPolicy(name, setting, progress.episode);
  const policy = open(flags.policy);
  const against = flags.against === undefined ? null : open(flags.against);
  const { first, episodes, untilDecided } = flags;
  const options = { policy, against, first, episodes, until_decided: untilDecided ?? null };
  const started = performance.now();
  const evaluation = await untilInterrupted((signal) => evaluatePolicy(options, signal).finally(progress.stop));
  const wall_seconds = (performance.now() - started) / 1000;
  if (flags.out !== undefined) writeReport(flags.out, evaluationPage(evaluation, setting));
  tell(evaluation);
  if (flags.json === true) emitJson('eval', fieldsOf(evaluation, setting, wall_seconds));
  if (evaluation.interrupted) process.exitCode = 130;
  else if (flags.minSuccess !== undefined && evaluation.score.success_rate < flags.minSuccess) {
    say(`error: success rate ${evaluation.score.success_rate}: --min-success asks for at least ${flags.minSuccess}`);
    process.exitCode = 1;
  }
}

async function robustness(flags: Flags): Promise<void> {
  const { policy, against, promote: to, disturb, untilDecided, first, episodes, out, factors: list } = flags;
  for (const [name, value] of Object.entries({ against, promote: to, disturb, 'until-decided': untilDecided }))
    if (value !== undefined) throw new InputError(`--${name} with --suite robustness`, 'one or the other');
  const setting = { ...settingOf(flags), pictures: null };
  const factors = robustnessFactors(list ?? null, seesPictures(policy));
  const points = 1 + factors.reduce((sum, factor) => sum + DISTURBANCES[factor].suite.length, 0);
  const progress = createProgress(points * episodes);
  const open = (disturbed: string | null) =>
    openPolicy(policy, { ...setting, ...(disturbed === null ? {} : { disturb: disturbed }) }, progress.episode);
  const started = performance.now();
  const found = await untilInterrupted((signal) =>
    measureRobustness({ open, factors, first, episodes }, tellPoint, signal).finally(progress.stop),
  );
  const wall_seconds = (performance.now() - started) / 1000;
  if (out !== undefined) writeReport(out, robustnessPage(found, setting));
  const { pictures: _, workers: __, ...worlds } = setting;
  if (flags.json === true) emitJson('eval', { suite: flags.suite, ...worlds, ...found, wall_seconds });
  if (found.interrupted) process.exitCode = 130;
  else if (flags.minSuccess !== undefined) requireEverywhere(found, flags.minSuccess);
}

function tellPoint(
  factor: string | null,
  { strength, successes, episodes, wilson95, failures }: RobustnessPoint,
): void {
  const [low, high] = wilson95.map((share) => `${(100 * share).toFixed(1)} %`);
  const failed = failuresOf(failures);
  const what = factor === null ? 'undisturbed' : `${factor} ${strength}`;
  say(`${what}: ${successes} of ${episodes} (${low} to ${high})${failed === '' ? '' : `; ${failed}`}`);
}

function requireEverywhere({ baseline, curves }: Robustness, least: number): void {
  const points = [{ factor: 'undisturbed', point: baseline }].concat(
    curves.flatMap(({ factor, points: all }) => all.slice(1).map((point) => ({ factor: String(factor), point }))),
  );
  const below = points.filter(({ point }) => point.success_rate < least);
  for (const { factor, point } of below)
    say(
      `error: ${factor} ${point.strength}: success rate ${point.success_rate}: --min-success asks for at least ${least}`,
    );
  if (below.length > 0) process.exitCode = 1;
}

async function promote({ policy, task, model, workers, json }: Flags, name: string, suites: string): Promise<void> {
  if (!policy.startsWith('onnx:')) throw new InputError(`--promote with --policy ${policy}`, '--policy onnx:FILE');
  const file = policy.slice('onnx:'.length);
  const options = { file, name, suites: readSuites(suites), setting: { task, model, workers } };
  const promotion = await untilInterrupted((signal) => promotePolicy(options, signal));
  say(`${promotion.promoted ? 'promoted' : 'not promoted'}: ${promotion.reason}; record: ${promotion.record}`);
  if (json === true) emitJson('eval', promotion);
  if (!promotion.promoted) process.exitCode = 1;
}

function settingOf({
  task,
  engine,
  randomize,
  objects,
  secondWorld,
  disturb,
  around,
  model,
  seed,
  workers,
  out,
}: Flags): EvaluationSetting {
  const second = secondWorld === undefined || secondWorld === false ? null : secondWorld;
  if (second !== null && engine !== 'mujoco')
    throw new InputError(`--engine ${engine} --second-world`, '--engine mujoco');
  if (disturb !== undefined) parseDisturbances(disturb);
  return {
    ...{ task, engine, randomize, objects, model, seed, workers, ...(disturb === undefined ? {} : { disturb }) },
    ...aroundOption({ around }),
    second_world: second === null ? null : openSecondWorld(second === true ? SHIPPED_SECOND_WORLD : second).name,
    pictures: out === undefined ? null : { width: 240, height: 180 },
  };
}

function fieldsOf(
  { score, against, comparison, decision }: Evaluation,
  setting: EvaluationSetting,
  wall_seconds: number,
): object {
  const { pictures: _, workers: __, ...worlds } = setting;
  return { ...worlds, ...score, against, comparison, decision, wall_seconds };
}

function tell({ score, against, comparison, decision }: Evaluation): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  for (const { policy, successes, episodes, success_rate, wilson95 } of against === null ? [score] : [score, against]) {
    const [low, high] = wilson95;
    say(
      `${policy}: ${successes} of ${episodes} succeeded (${percent(success_rate)}, 95 % interval ${percent(low)} to ${percent(high)})`,
    );
  }
  const failures = score.failure_classes.map(({ stage, episodes }) => `${stage} ${episodes}`).join(', ');
  if (failures !== '') say(`failures: ${failures}`);
  if (comparison !== null) {
    const [low, high] = comparison.interval;
    say(`difference ${percent(comparison.difference)} (${percent(low)} to ${percent(high)}), p ${comparison.p_value}`);
  }
  if (decision !== null) say(`decided after ${decision.episodes} worlds: ${decision.verdict}`);
}

function writeReport(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new InputError(
      `--out ${file}`,
      `cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  say(`report: ${file}`);
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('Allowed: a number above 0 and below 1.');
  return value;
}
