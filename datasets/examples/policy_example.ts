import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError, pickPlaceGoal } from '../../contracts/index.ts';
import { replaceFile } from '../run/file.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const stamp = z.string().regex(/^\d+$/, 'must be decimal digits');
const count = z.number().int().nonnegative();

/** One question of an unsure policy, and what came of it. */
const asked = z.strictObject({
  id: z.string().min(1).max(128),
  question: z.string(),
  options: z.array(z.string()).readonly(),
  asked_ns: stamp,
  /** The picture that was shown, and SHA-256 over its colour and depth bytes. */
  request_id: z.string(),
  frame_sha256: sha256,
  /** How sure the policy was, 0..1. */
  confidence: z.number().min(0).max(1).nullable(),
  /** Row of the demonstration that has what the policy was told, and what it meant to do; it was not done. */
  step: count,
  /** Empty where nobody answered. */
  answer: z.string(),
  by: z.string(),
  ended_ns: stamp,
  end: z.enum(['answered', 'expired', 'withdrawn']),
  reason: z.string(),
});

/** An operator who moved the arm under a control lease. */
const mover = z.strictObject({ epoch: z.number().int().positive(), session: z.string() });

/**
 * What people answered a learned policy in one run, and what they did in its place: the demonstration beside it has every
 * observation and action of the run, and of the operator's own motion after it.
 */
export const policyExample = z.strictObject({
  schema: z.literal('surepick/policy-example'),
  version: z.literal(1),
  policy: z.strictObject({ name: z.string(), version: z.string(), model_sha256: sha256 }),
  goal: pickPlaceGoal,
  /** ns on the clock of the cell. */
  began_ns: stamp,
  ended_ns: stamp,
  questions: z.array(asked).readonly(),
  /** How the policy's own part ended. */
  run: z.strictObject({ ok: z.boolean(), stage: z.string(), reason: z.string(), steps: count }),
  /** The operator's part, from that row on; null where nobody moved the arm afterwards. */
  taken_over: z
    .strictObject({ by: z.array(mover).readonly(), steps: count, success: z.boolean(), reason: z.string() })
    .nullable(),
  /** File beside this one, as `surepick train --demos` and `surepick improve --data` read them. */
  demonstration: z.strictObject({
    file: z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'must be a name beside this file'),
    sha256,
    steps: count,
    success: z.boolean(),
  }),
});
export type PolicyExample = z.infer<typeof policyExample>;
export type AskedPolicy = z.infer<typeof asked>;

/** Folder of a cell that holds what was answered to its policies, a folder for each. */
export const POLICY_EXAMPLES_FOLDER = 'policy_examples';

/** @param file  ends in `.json`; the demonstration that it names is there */
export function writePolicyExample(file: string, facts: Omit<PolicyExample, 'schema' | 'version'>): void {
  const example = policyExample.parse({ schema: 'surepick/policy-example', version: 1, ...facts });
  replaceFile(file, `${JSON.stringify(example, null, 2)}\n`);
}

/** @throws InputError naming the field that is wrong */
export function readPolicyExample(file: string): PolicyExample {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, `cannot be read as JSON (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
  const parsed = policyExample.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}
