import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

/** What a policy may be told. */
export const OBSERVATIONS = {
  joint_position: 'rad',
  joint_velocity: 'rad/s',
  joint_effort: 'Nm',
  gripper_width: 'm',
  tool_pose: 'm, unit quaternion x y z w',
  wrench: 'N, Nm',
} as const;
export type ObservationName = keyof typeof OBSERVATIONS;

/** What a policy may ask for. */
export const ACTIONS_OF_POLICIES = {
  joint_position: 'rad',
  tool_twist: 'm/s, rad/s, axes of the root link',
  gripper_width: 'm',
} as const;
export type ActionName = keyof typeof ACTIONS_OF_POLICIES;

const names = <T extends object>(of: T) => Object.keys(of) as [keyof T & string, ...(keyof T & string)[]];
const numbers = z.array(z.number()).readonly();

/** What is beside a policy's network: what goes in and comes out, in which order and units, and how often. */
export const policyManifest = z
  .strictObject({
    schema: z.literal('surepick.policy'),
    version: z.literal(1),
    name: z.string().min(1),
    /** The network's file beside the manifest, and its SHA-256 in hexadecimal digits. */
    model: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    robot: z.string().min(1),
    rate_hz: z.number().positive(),
    /** Names of the network's input and output: float32 [1, observation] and [1, chunk, action]. */
    input: z.string().min(1),
    output: z.string().min(1),
    observation: z
      .array(z.enum(names(OBSERVATIONS)))
      .min(1)
      .readonly(),
    action: z
      .array(z.enum(names(ACTIONS_OF_POLICIES)))
      .min(1)
      .readonly(),
    chunk: z.number().int().positive().max(1000),
    /** See ActionChunks. */
    ensembling_decay: z.number().nonnegative(),
    /** The network sees (observation − mean) / scale, and its action times scale plus mean is meant. */
    observation_mean: numbers,
    observation_scale: numbers,
    action_mean: numbers,
    action_scale: numbers,
  })
  .refine(({ action }) => action.includes('joint_position') !== action.includes('tool_twist'), {
    path: ['action'],
    error: 'must have one of joint_position and tool_twist',
  });
export type PolicyManifest = z.infer<typeof policyManifest>;

/** Numbers that an observation or action of these parts has, for a robot's number of arm joints. */
export function observationSize(parts: readonly ObservationName[], joints: number): number {
  const sizes: Record<ObservationName, number> = {
    joint_position: joints,
    joint_velocity: joints,
    joint_effort: joints,
    gripper_width: 1,
    tool_pose: 7,
    wrench: 6,
  };
  return parts.reduce((sum, part) => sum + sizes[part], 0);
}

export function actionSize(parts: readonly ActionName[], joints: number): number {
  const sizes: Record<ActionName, number> = { joint_position: joints, tool_twist: 6, gripper_width: 1 };
  return parts.reduce((sum, part) => sum + sizes[part], 0);
}

/** Reads a manifest for a robot; `where` names its source in errors. */
export function parsePolicyManifest(value: unknown, where: string, joints: number): PolicyManifest {
  const result = policyManifest.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new InputError(`${where}: ${issue.path.join('.') || 'document'}`, issue.message);
  }
  const manifest = result.data;
  const observation = observationSize(manifest.observation, joints);
  const action = actionSize(manifest.action, joints);
  const lengths = [
    ['observation_mean', manifest.observation_mean, observation],
    ['observation_scale', manifest.observation_scale, observation],
    ['action_mean', manifest.action_mean, action],
    ['action_scale', manifest.action_scale, action],
  ] as const;
  for (const [field, list, size] of lengths) {
    if (list.length !== size) throw new InputError(`${where}: ${field} of ${list.length} numbers`, `must have ${size}`);
  }
  for (const [field, list] of [lengths[1], lengths[3]]) {
    const at = list.findIndex((scale) => !(scale > 0));
    if (at >= 0) throw new InputError(`${where}: ${field}[${at}] = ${list[at]}`, 'must be above 0');
  }
  return manifest;
}
