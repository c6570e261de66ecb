import { type Command, Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  DEFAULT_IMPROVE_RECIPE as D,
  ENGINES,
  type ImproveRecipe,
  improvePolicy,
  RANDOMIZATIONS,
  readSuites,
} from '../../stack/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { withBar } from '../long_work.ts';

const flagsOf = z.object({
  policy: z.string(),
  engine: z.enum(ENGINES),
  randomize: z.enum(RANDOMIZATIONS),
  seed: z.number(),
  worlds: z.number(),
  handovers: z.number(),
  steps: z.number(),
  judged: z.number(),
  canary: z.number(),
  data: z.array(z.string()),
  suites: z.string().optional(),
  workers: z.number(),
  resume: z.boolean(),
  json: z.boolean(),
});
type Flags = Readonly<z.infer<typeof flagsOf>>;

export function addImprove(program: Command): void {
  program
    .command('improve')
    .description('One turn of self-correction: learn from failed episodes, and take the place of the policy if better.')
    .addOption(new Option('--policy <name>', 'onnx:FILE, which a better one takes the place of').makeOptionMandatory())
    .addOption(new Option('--engine <name>', 'physics engine').choices(ENGINES).default(D.engine))
    .addOption(new Option('--randomize <level>', 'domain randomisation').choices(RANDOMIZATIONS).default(D.randomize))
    .option('--worlds <n>', 'in which the policy is watched', integerFrom(1, 100_000), D.worlds)
    .option(
      '--handovers <n>',
      'states of a failed episode from which the expert shows the way; 1 of others',
      integerFrom(1, 100),
      D.handovers,
    )
    .option('--steps <n>', 'steps of the optimiser', integerFrom(1, 10_000_000), D.steps)
    .option('--judged <n>', 'worlds on which both are compared, at most', integerFrom(1, 100_000), D.judged)
    .option('--canary <n>', 'episodes of the trial run, at most; 0 for none', integerFrom(0, 100_000), D.canary)
    .option('--data <file...>', 'demonstrations of others, checked and learned from as well', [])
    .option('--suites <file>', 'regression gate that a candidate has to pass as well, as JSON')
    .option('--seed <n>', 'fixes every random choice', integerFrom(0), D.seed)
    .option('--workers <n>', 'threads that play; the result is the same for any number', integerFrom(1, 256), 2)
    .option('--resume', 'go on with the turn that was interrupted', false)
    .option('--json', 'print one JSON object as the last line of stdout', false)
    .addHelpText('after', '\nExample: surepick improve --policy onnx:policies/pick.onnx --suites suites.json')
    .action(async (given: unknown) => {
      await run(flagsOf.parse(given));
    });
}

async function run({ policy, data, suites, workers, resume, json, ...chosen }: Flags): Promise<void> {
  if (!policy.startsWith('onnx:')) throw new InputError(`--policy ${policy}`, 'onnx:FILE');
  const recipe: ImproveRecipe = { ...D, ...chosen };
  const setting = {
    ...{ recipe, file: policy.slice('onnx:'.length), offered: data, workers, resume },
    suites: suites === undefined ? [] : readSuites(suites),
  };
  const turn = await withBar((bar, signal) =>
    improvePolicy(
      setting,
      { onProgress: (phase, done, of, detail) => bar.update(done, of, `${phase}: ${detail}`) },
      signal,
    ),
  );
  if (turn === null) return;
  const { record, file } = turn;
  for (const { source, name, reason } of record.refused.slice(0, 10)) say(`refused: ${name} of ${source}: ${reason}`);
  for (const { source, refused, records, named } of record.sources) {
    if (named) say(`left out whole: ${source}: ${refused} of ${records} records contradict themselves`);
  }
  const rate = (side: typeof record.before) => (side === null ? 'not judged' : side.success_rate.toFixed(3));
  say(`turn ${record.turn}: ${rate(record.before)} before, ${rate(record.after)} after on the same worlds`);
  if (record.scored !== null) say(`on fresh worlds: ${rate(record.scored)}`);
  say(`${record.promoted ? 'promoted' : 'not promoted'}: ${record.reason}; record: ${file}`);
  if (json) emitJson('improve', { ...record, record: file });
}
