import { z } from 'zod';

/** What the control process asks of its supervisor. */
export const supervisorLimits = z.strictObject({
  /** Fastest the tool may move (m/s), null for the envelope's own; share of the joints' own speeds. */
  tool_speed_m_per_s: z.number().positive().nullable(),
  share: z.number().positive().max(1),
});
export type SupervisorLimits = Readonly<z.infer<typeof supervisorLimits>>;
export const supervisorOrderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['stop', 'clear']) }),
  z.strictObject({ kind: z.literal('limits'), limits: supervisorLimits }),
]);
export type SupervisorOrder = z.infer<typeof supervisorOrderSchema>;

/** What the supervisor has done, and when by the machine's clock (s), for reports only. */
export const supervisorAnswerSchema = z.strictObject({
  kind: z.enum(['ready', 'stop', 'clear', 'limits']),
  at_s: z.number(),
});
export type SupervisorAnswer = z.infer<typeof supervisorAnswerSchema>;
