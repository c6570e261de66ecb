import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  DEFAULT_RECIPE as D,
  DEFAULT_FINE_TUNING,
  ENGINES,
  importedHash,
  POLICY_KINDS,
  RANDOMIZATIONS,
  TASKS,
  TRAINING_METHODS,
  type TrainingRecipe,
  trainPolicy,
  VISION_RECIPE,
} from '../../stack/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { aroundOption } from '../episode_options.ts';
import { checkFineTuneOptions, runFineTuning } from '../fine_tune.ts';
import { trainingProgress, withBar } from '../long_work.ts';

const flags = z.object({
  task: z.enum(TASKS),
  policyKind: z.enum(POLICY_KINDS),
  senses: z.array(z.string()).optional(),
  method: z.enum(TRAINING_METHODS),
  demos: z.union([z.number(), z.string()]),
  engine: z.enum(ENGINES),
  randomize: z.enum(RANDOMIZATIONS),
  disturb: z.string().optional(),
  around: z.string().optional(),
  from: z.string().optional(),
  rounds: z.number().optional(),
  steps: z.number(),
  seed: z.number(),
  workers: z.number(),
  out: z.string(),
  resume: z.boolean(),
  json: z.boolean(),
});
type Flags = Readonly<z.infer<typeof flags>>;

export function addTrain(program: Command): void {
  program
    .command('train')
    .description('Train a policy for a task from the scripted expert, and write it as ONNX with its manifest.')
    .addOption(new Option('--task <name>', 'what to do').choices(TASKS).default(D.task))
    .addOption(
      new Option('--policy-kind <kind>', 'state: is told where everything is; vision: sees by two cameras')
        .choices(POLICY_KINDS)
        .default('state'),
    )
    .option('--senses <list>', 'features of the arm that it is told besides, e.g. joint_position,tool_wrench', wordsOf)
    .addOption(
      new Option('--method <name>', 'bc: clones the expert; dagger: and then takes turns with it, in rounds')
        .choices(TRAINING_METHODS)
        .default(D.method),
    )
    .option(
      '--demos <n|dir>',
      'episodes in which the expert alone drives, or a folder of demonstrations',
      demosOf,
      D.demos,
    )
    .addOption(new Option('--engine <name>', 'physics engine').choices(ENGINES).default(D.engine))
    .addOption(new Option('--randomize <level>', 'domain randomisation').choices(RANDOMIZATIONS).default(D.randomize))
    .option('--around <fit.json>', 'an arm in every episode that is drawn around what surepick identify found')
    .option('--disturb <list>', 'what befalls every episode, as surepick sim has it (default: nothing)')
    .option('--steps <n>', 'steps of the optimiser after the last round', integerFrom(1, 10_000_000), D.steps)
    .option('--from <file.onnx>', 'a policy to fine-tune by reinforcement, in the place of training a new one')
    .option(
      '--rounds <n>',
      `of playing and learning (default: ${D.rounds}; with --from ${DEFAULT_FINE_TUNING.rounds})`,
      integerFrom(1, 1000),
    )
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), D.seed)
    .option(
      '--workers <n>',
      'threads that play episodes; the result is the same for any number',
      integerFrom(1, 256),
      2,
    )
    .requiredOption('--out <file.onnx>', 'where the network goes; manifest and curves beside it')
    .option('--resume', 'go on where an interrupted training ended', false)
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample: surepick train --task pick-place --policy-kind state --out policies/pick.onnx')
    .action(async (given: unknown, command: Command) => {
      const chosen = flags.parse(given);
      const { from, out, engine, randomize, disturb, seed, rounds, workers, resume, json } = chosen;
      await checkOut(out);
      if (from === undefined) return run(chosen);
      checkFineTuneOptions(command);
      const recipe = { engine, randomize, disturb, seed, ...aroundOption(chosen), ...(rounds && { rounds }) };
      return runFineTuning({ from, out, workers, resume, json }, recipe);
    });
}

function wordsOf(list: string): readonly string[] {
  return list.split(',');
}

function demosOf(text: string): number | string {
  return /^[+-]?\d/.test(text) ? integerFrom(1, 100_000)(text) : text;
}

async function checkOut(out: string): Promise<void> {
  if (!out.endsWith('.onnx')) throw new InputError(`--out ${out}`, 'a file name that ends in .onnx');
  await access(dirname(out), constants.W_OK).catch((cause: unknown) => {
    throw new InputError(`--out ${out}`, `a file in a folder that is there and can be written to`, { cause });
  });
}

async function run(given: Flags): Promise<void> {
  const { out, workers, resume, json, policyKind, rounds = D.rounds, demos, ...chosen } = given;
  const data =
    typeof demos === 'number' ? { demos } : { imported: { folder: demos, sha256: await importedHash(demos) } };
  const defaults = policyKind === 'vision' ? VISION_RECIPE : D;
  const recipe: TrainingRecipe = { ...defaults, ...chosen, ...data, rounds, ...aroundOption(chosen) };
  const report = await withBar((bar, signal) =>
    trainPolicy(
      { recipe, out, workers, resume },
      {
        ...trainingProgress(bar),
        onSuccess: ({ name }, { step, successes, episodes }) =>
          say(`${name}, step ${step}: ${successes} of ${episodes} held-out episodes succeed`),
      },
      signal,
    ),
  );
  if (report === null) return;
  const { manifest, curves, parity } = report;
  const { value, interval } = manifest.metrics.success;
  say(`${out}: success ${value} [${interval.map((x) => x.toFixed(3)).join(', ')}] on fresh episodes`);
  if (json) emitJson('train', { out, sha256: manifest.sha256, success: value, wilson95: interval, parity, curves });
}
