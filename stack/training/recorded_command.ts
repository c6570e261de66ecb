import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { ENGINES, RANDOMIZATIONS, TASKS } from '../options.ts';
import {
  commandOf,
  DEFAULT_RECIPE,
  POLICY_KINDS,
  TRAINING_METHODS,
  type TrainingRecipe,
  VISION_RECIPE,
} from './recipe.ts';

const whole = z.coerce.number().int().nonnegative();
const options = z.strictObject({
  task: z.enum(TASKS),
  'policy-kind': z.enum(POLICY_KINDS),
  senses: z
    .string()
    .transform((list) => list.split(','))
    .optional(),
  method: z.enum(TRAINING_METHODS),
  demos: whole,
  engine: z.enum(ENGINES),
  randomize: z.enum(RANDOMIZATIONS),
  around: z.string().optional(),
  disturb: z.string().optional(),
  rounds: whole,
  steps: whole,
  seed: whole,
  out: z.string(),
});

/**
 * The recipe of a training from the command that its manifest has: the way back from `commandOf`.
 * @throws InputError if this version makes no such command: another one's, or of data that lie elsewhere
 */
export function recipeOfCommand(command: string, where: string): TrainingRecipe {
  const [program, verb, ...words] = command.split(' ');
  const pairs = words.flatMap((word, k) => (k % 2 === 0 ? [[word.replace(/^--/, ''), words[k + 1]]] : []));
  const parsed = options.safeParse(Object.fromEntries(pairs));
  if (program !== 'surepick' || verb !== 'train' || !parsed.success) throw unknown(command, where);
  const { 'policy-kind': kind, out, around, disturb, ...chosen } = parsed.data;
  const known = { ...(around === undefined ? {} : { around }), ...(disturb === undefined ? {} : { disturb }) };
  const recipe = { ...(kind === 'vision' ? VISION_RECIPE : DEFAULT_RECIPE), ...chosen, ...known };
  if (commandOf(recipe, out) !== command) throw unknown(command, where);
  return recipe;
}

function unknown(command: string, where: string): InputError {
  return new InputError(
    `${where}: training.command '${command}'`,
    'one that surepick train of this version writes, with the demonstrations of its own expert',
  );
}
