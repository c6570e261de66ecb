import { z } from 'zod';

/** What a stand-in's process tells its parent of itself, ten times a second and at its end. */
export const standInReport = z.object({
  trajectories: z.int(),
  refused: z.int(),
  refusal: z.string(),
  forward_commands: z.int(),
  moving: z.boolean(),
  /** Updates that came so late that several were made at once. */
  late_updates: z.int(),
  errors: z.array(z.string()),
});
export type StandInReport = z.infer<typeof standInReport>;
