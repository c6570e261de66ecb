import { z } from 'zod';

/** What the control process asks of its supervisor. */
export const supervisorOrderSchema = z.strictObject({ kind: z.enum(['stop', 'clear']) });
export type SupervisorOrder = z.infer<typeof supervisorOrderSchema>;

/** What the supervisor has done, and when by the machine's clock (s), for reports only. */
export const supervisorAnswerSchema = z.strictObject({ kind: z.enum(['ready', 'stop', 'clear']), at_s: z.number() });
export type SupervisorAnswer = z.infer<typeof supervisorAnswerSchema>;
