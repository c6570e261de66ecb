import { withoutSecrets } from './secrets.ts';

/** Input from outside (arguments, files, messages, models) that cannot be used. The command line turns it into exit code 2. */
export class InputError extends Error {
  /**
   * @param what  the offending value and where it stands, e.g. `--episodes 0`
   * @param allowed  the limit or the remedy, e.g. `an integer of at least 1`
   */
  constructor(what: string, allowed: string, options?: ErrorOptions) {
    super(withoutSecrets(`${what}: ${allowed}`.replaceAll('\n', ' ')), options);
    this.name = 'InputError';
  }

  /** The same error again from its message, as it came from another thread. */
  static restore(message: string): InputError {
    const error = new InputError('', '');
    error.message = message;
    return error;
  }
}

/** Stages of an episode, as they are named in results and logs. */
export const EPISODE_STAGES = [
  'perceive',
  'plan',
  'approach',
  'grasp',
  'lift',
  'transfer',
  'place',
  'retreat',
  'safety',
  'timeout',
  'invalid',
] as const;
export type EpisodeStage = (typeof EPISODE_STAGES)[number];

/** A stage of the task could not be done; the reason is meant for the operator. */
export class StageError extends Error {
  readonly stage: EpisodeStage;

  constructor(stage: EpisodeStage, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'StageError';
    this.stage = stage;
  }
}

/** Throws an InputError unless `value` is finite; `where` names the field with its unit. */
export function requireFinite(value: number, where: string): number {
  if (!Number.isFinite(value)) throw new InputError(`${where} = ${value}`, 'must be a finite number');
  return value;
}
