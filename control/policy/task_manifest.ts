import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const count = z.number().int().positive();
const numbers = z.array(z.number()).readonly();
/** First axis of a tensor: as many worlds as one likes, or one alone. */
const batch = z.union([z.literal('batch'), z.literal(1)]);
const fraction = z.number().min(0).max(1);

/** One part of what a policy is told: named as the runtime names it, with the size and unit that the policy expects. */
const observed = z.strictObject({ name: z.string().min(1), size: count.max(1000), unit: z.string() });
export type ObservedFeature = Readonly<z.infer<typeof observed>>;

const source = z.strictObject({ source: z.string().min(1), sha256, episodes: z.number().int().nonnegative() });
const training = z.strictObject({
  method: z.string().min(1),
  seed: z.number().int().nonnegative(),
  episodes: z.number().int().nonnegative(),
  steps: z.number().int().nonnegative(),
  randomize: z.string().min(1),
  data: z.array(source).readonly(),
  command: z.string(),
});
/** Of a policy that came out of a correction: what it was made from, newest first, and the seeds of the worlds. */
const lineage = z.strictObject({
  turn: count,
  parents: z.array(z.strictObject({ version_of_policy: z.string().min(1), sha256 })).readonly(),
  seeds: z.record(z.string(), z.number().int().nonnegative()).readonly(),
});
const metric = z.strictObject({ value: z.number(), interval: z.tuple([z.number(), z.number()]).readonly() });

/**
 * What is beside the network of a policy for a task: what goes in and comes out, in which order and units and how often,
 * what it was trained on and under which safety envelope, and how well it did.
 */
export const taskPolicyManifest = z.strictObject({
  schema: z.literal('surepick.task_policy'),
  version: z.literal(1),
  name: z.string().min(1),
  version_of_policy: z.string().min(1),
  /** The network's file beside the manifest, and its SHA-256. */
  model: z.string().regex(/^[^/\\]+$/, 'must be a file name without folders'),
  sha256,
  licence: z.string().min(1),
  robot: z.string().min(1),
  task: z.string().min(1),
  /** Questions asked of the network each second. */
  rate_hz: count.max(100),
  /** float32 [batch, history · size]: normalised observations, the newest last. */
  input: z.strictObject({ name: z.string().min(1), shape: z.tuple([batch, count]).readonly() }),
  /** float32 [batch, cameras · channels, height, width]: red, green, blue of 0..1, then depth in m if there are 4 channels. */
  images: z
    .strictObject({
      name: z.string().min(1),
      cameras: z
        .array(z.enum(['overview', 'wrist']))
        .min(1)
        .readonly(),
      width: count.min(16).max(640),
      height: count.min(16).max(640),
      channels: z.union([z.literal(3), z.literal(4)]),
    })
    .optional(),
  /** float32 [batch, chunk, action]. */
  output: z.strictObject({ name: z.string().min(1), shape: z.tuple([batch, count, count]).readonly() }),
  /** float32 [batch, 1]: a logit; below `ask_below` of sigmoid(logit / temperature) the policy asks for help. */
  confidence: z
    .strictObject({ name: z.string().min(1), temperature: z.number().positive(), ask_below: fraction })
    .optional(),
  /** float32 [batch, size]: what the network remembers from step to step, 0 in the first; goes in, and comes out as it is to go in next. */
  memory: z.strictObject({ input: z.string().min(1), output: z.string().min(1), size: count.max(10_000) }).optional(),
  observation: z.array(observed).min(1).readonly(),
  /** Observations that the network sees at once. */
  history: count.max(64).default(1),
  action: z.strictObject({
    kind: z.enum(['ee_delta', 'joint']),
    names: z.array(z.string().min(1)).min(1).readonly(),
  }),
  chunk: count.max(1000),
  /** See ActionChunks. */
  ensembling_decay: z.number().nonnegative(),
  /** The network sees (observation − mean) / scale, and its action times scale plus mean is meant. */
  observation_mean: numbers,
  observation_scale: numbers,
  action_mean: numbers,
  action_scale: numbers,
  /** Of the safety envelope it was trained under, as canonical JSON; null where it was none of ours. */
  envelope_sha256: sha256.nullable(),
  training,
  lineage: lineage.optional(),
  metrics: z.record(z.string(), metric).readonly(),
});
export type TaskPolicyManifest = Readonly<z.infer<typeof taskPolicyManifest>>;

/** Numbers of one observation, without its history. */
export function taskObservationSize({ observation }: Pick<TaskPolicyManifest, 'observation'>): number {
  return observation.reduce((sum, { size }) => sum + size, 0);
}

/** Reads a manifest and holds it to itself; `where` names its source in errors. */
export function parseTaskPolicyManifest(value: unknown, where: string): TaskPolicyManifest {
  const result = taskPolicyManifest.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new InputError(`${where}: ${issue.path.join('.') || 'document'}`, issue.message);
  }
  const manifest = result.data;
  checkUnique(manifest, where);
  checkShapes(manifest, where);
  checkNormalisation(manifest, where);
  return manifest;
}

function checkUnique({ observation, action }: TaskPolicyManifest, where: string): void {
  const lists = { observation: observation.map(({ name }) => name), 'action.names': action.names };
  for (const [field, names] of Object.entries(lists)) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new InputError(`${where}: ${field} has ${twice} twice`, 'once each');
  }
}

function checkShapes(manifest: TaskPolicyManifest, where: string): void {
  const { input, output, history, chunk, action } = manifest;
  const shapes = [
    ['input', input.shape, [input.shape[0], history * taskObservationSize(manifest)]],
    ['output', output.shape, [input.shape[0], chunk, action.names.length]],
  ] as const;
  for (const [field, found, wanted] of shapes) {
    if (found.join() === wanted.join()) continue;
    throw new InputError(
      `${where}: ${field}.shape [${found.join(', ')}]`,
      `must be [${wanted.join(', ')}] by observation, history, chunk and action.names`,
    );
  }
}

function checkNormalisation(manifest: TaskPolicyManifest, where: string): void {
  const observation = taskObservationSize(manifest);
  const action = manifest.action.names.length;
  for (const [field, size] of [
    ['observation_mean', observation],
    ['observation_scale', observation],
    ['action_mean', action],
    ['action_scale', action],
  ] as const) {
    const list = manifest[field];
    if (list.length !== size) throw new InputError(`${where}: ${field} of ${list.length} numbers`, `must have ${size}`);
    const at = field.endsWith('scale') ? list.findIndex((scale) => !(scale > 0)) : -1;
    if (at >= 0) throw new InputError(`${where}: ${field}[${at}] = ${list[at]}`, 'must be above 0');
  }
}
