import { z } from 'zod';
import { LOG_LEVELS } from '../stack/index.ts';

/** What the process of policies is told when it starts. */
export const policySetup = z.strictObject({
  kind: z.literal('setup'),
  namespace: z.string(),
  domain_id: z.int().nullable(),
  /** Of the networks, beside their manifests. */
  files: z.array(z.string()).min(1),
  out_dir: z.string(),
  log_level: z.enum(LOG_LEVELS),
});
export type PolicySetup = z.infer<typeof policySetup>;

export const policyWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  /** It cannot start, and starting it again would not help. */
  z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
]);
export type PolicyWord = z.infer<typeof policyWord>;
