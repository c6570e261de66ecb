import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine, SHIPPED_SECOND_WORLD } from '../../sim/index.ts';
import {
  ablate,
  checkPolicies,
  createPlay,
  DEFAULT_EPISODE_OPTIONS as D,
  describeWorld,
  ENGINES,
  gapReport,
  InterruptedError,
  keptPlay,
  measureGap,
  OBJECT_SETS,
  playedWorld,
  RANDOMIZATIONS,
  replayErrors,
  TASKS,
  type Transfer,
} from '../../stack/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { aroundOption } from '../episode_options.ts';
import { untilInterrupted } from '../interrupt.ts';

const flags = z.object({
  policies: z.string(),
  from: z.enum(ENGINES),
  to: z.enum(ENGINES),
  plain: z.boolean().optional(),
  secondWorld: z.string(),
  around: z.string().optional(),
  outcomes: z.string().optional(),
  task: z.enum(TASKS),
  objects: z.enum(OBJECT_SETS),
  randomize: z.enum(RANDOMIZATIONS),
  model: z.string(),
  episodes: z.number(),
  first: z.number(),
  seed: z.number(),
  workers: z.number(),
  ablate: z.number().optional(),
  replay: z.number(),
  report: z.string().optional(),
  json: z.boolean().optional(),
});

export function addGap(program: Command): void {
  program
    .command('gap')
    .description('How well success in one world tells success in another, over a population of policies.')
    .requiredOption('--policies <list>', 'policies with commas between: expert, stack, random or onnx:FILE')
    .addOption(new Option('--from <engine>', 'world that policies are judged by').choices(ENGINES).default('cannon'))
    .addOption(new Option('--to <engine>', 'world that counts; mujoco has effects').choices(ENGINES).default('mujoco'))
    .option('--second-world <file>', 'effects of --to mujoco', SHIPPED_SECOND_WORLD)
    .option('--around <fit.json>', 'the arm of --from is drawn around what surepick identify found of that of --to')
    .option('--plain', '--to mujoco without effects')
    .addOption(new Option('--task <name>', 'what to do').choices(TASKS).default(D.task))
    .addOption(new Option('--objects <set>', 'kinds of objects').choices(OBJECT_SETS).default(D.objects))
    .addOption(new Option('--randomize <level>', 'domain randomisation').choices(RANDOMIZATIONS).default(D.randomize))
    .option('--model <name>', 'vision model of the stack policy', D.model)
    .option('--episodes <n>', 'of each policy in each world, in pairs', integerFrom(1, 1_000_000), 100)
    .option('--first <i>', 'number of the first episode', integerFrom(0), 0)
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), 0)
    .option('--workers <n>', 'worker threads', integerFrom(1, 256), 1)
    .option('--ablate <n>', 'episodes of each policy without each effect (default: none)', integerFrom(1, 1_000_000))
    .option('--replay <n>', 'episodes whose commands are played in both worlds', integerFrom(0, 10_000), 5)
    .option('--outcomes <file>', 'keep what was played here, and do not play again what is there: goes on after Ctrl-C')
    .option('--report <file>', 'write a page with plots')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExample: surepick gap --policies expert,stack --episodes 100 --workers 2 --ablate 50 --report gap.html --json',
    )
    .action(async (given: Record<string, unknown>) => {
      const options = flags.parse(given);
      try {
        await untilInterrupted((signal) => compare(options, signal));
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
        process.exitCode = 130;
      }
    });
}

async function compare(options: z.infer<typeof flags>, signal: AbortSignal): Promise<void> {
  const { task, objects, randomize, seed, model, workers, episodes, first, plain, replay, report, json } = options;
  const policies = checkPolicies(options.policies.split(','), task);
  const effects = (engine: string) => (engine === 'mujoco' && plain !== true ? options.secondWorld : null);
  const from = playedWorld(options.from, null, aroundOption(options).around ?? null);
  const to = playedWorld(options.to, effects(options.to));
  if (report !== undefined && !existsSync(dirname(report)))
    throw new InputError(`--report ${report}`, 'a file in a folder that exists');
  const setting = { task, objects, randomize, seed, model, workers };
  const play =
    options.outcomes === undefined ? createPlay(setting) : keptPlay(createPlay(setting), options.outcomes, setting);
  const onPlayed = (policy: string, world: string, successes: number, of: number) =>
    say(`${policy} in ${world}: ${successes} of ${of}`);
  const gap = await measureGap({ policies, from, to, first, episodes, seed }, play, { onPlayed }, signal);
  const ablation_episodes = to.second_world === null ? 0 : Math.min(options.ablate ?? 0, episodes);
  const ablation =
    ablation_episodes === 0 ? [] : await ablate(gap.outcomes, to, first, ablation_episodes, play, onPlayed, signal);
  for (const { engine } of [from, to]) await prepareEngine(engine);
  const replays =
    replay === 0 ? [] : replayErrors(loadRobot('panda'), { task, objects, randomize }, from, to, seed, first, replay);
  const worlds = { from: describeWorld(from), to: describeWorld(to) };
  if (report !== undefined)
    writeFileSync(
      report,
      gapReport({
        gap,
        ...worlds,
        task,
        seed,
        episodes,
        ablation,
        ablation_episodes,
        replays,
        replay_episodes: replay,
      }),
    );
  say(sentence(gap.transfer));
  say(`ceiling, ${worlds.from} against itself: ${sentence(gap.ceiling)}`);
  if (!json) return;
  const told = { ...worlds, task, objects, randomize, seed, first, episodes };
  emitJson('gap', { ...told, ...gap.transfer, ceiling: gap.ceiling, ablation, ablation_episodes, replays });
}

function sentence({ pearson_r: r, pearson_r_ci95: ci, mmrv, mean_abs_gap }: Transfer): string {
  const told =
    r === null || ci === null ? 'not defined' : `${r.toFixed(3)} (${ci[0].toFixed(3)} to ${ci[1].toFixed(3)})`;
  return `Pearson r ${told}, MMRV ${mmrv.toFixed(3)}, mean gap ${(100 * mean_abs_gap).toFixed(1)} points`;
}
