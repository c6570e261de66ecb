import { InputError } from '../contracts/index.ts';
import { InvalidStateError } from '../sim/index.ts';
import type { FinishedEpisode } from './episode.ts';
import type { EpisodeOutcome } from './outcome.ts';
import type { WorldRecord } from './world_record.ts';

/** Whether an error says that a world cannot be: it has impossible parameters, or bodies that begin in each other. */
export function isInvalidWorld(error: unknown): error is Error {
  return error instanceof InvalidStateError || error instanceof InputError;
}

/** An episode whose world could not be built: it counts as failed in stage `invalid`, without a step, and the run goes on. */
export function invalidEpisode(
  world: WorldRecord,
  object: string,
  reason: string,
  wall_seconds: number,
): FinishedEpisode {
  const { index } = world;
  const outcome: EpisodeOutcome = {
    success: false,
    stage: 'invalid',
    reason,
    attempts: 0,
    checks: {},
    placement_error_m: Number.NaN,
    steps: 0,
    policy_steps: 0,
    frames: 0,
    interventions: 0,
  };
  return {
    result: { index, outcome, object, sim_seconds: 0, wall_seconds, interrupted: false },
    trace: { index, steps: new Float64Array(0), outcome: JSON.stringify(outcome) },
    recorded: null,
    world,
  };
}
