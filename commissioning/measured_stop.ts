import { z } from 'zod';
import type { Envelope, MeasuredStop, StageRecord } from '../safety/index.ts';

const seconds = z.number().nonnegative();
const stopMeasurements = z.object({
  trials: z.int().positive(),
  reaction_bound_s: seconds,
  deceleration_s: z.object({ median: seconds, most: seconds }),
  standstill_s: z.object({ median: seconds, most: seconds }),
});

/** The envelope with the times that a stop test has measured; null where it has measured none. */
export function withMeasuredStop(
  envelope: Envelope,
  { measurements }: Pick<StageRecord, 'measurements'>,
): Envelope | null {
  const { data } = stopMeasurements.safeParse(measurements);
  if (data === undefined) return null;
  const { trials, reaction_bound_s, deceleration_s, standstill_s } = data;
  const measured_stop: MeasuredStop = {
    trials,
    deceleration_s: { ...deceleration_s, bound: reaction_bound_s },
    standstill_s,
  };
  return { ...envelope, measured_stop };
}
