import { EPISODE_STAGES, InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { checkActions } from './actions.ts';
import { Environment } from './environment.ts';
import type { AutoresetMode, EnvironmentOptions } from './options.ts';
import { copyOutput, createOutput, type EnvironmentOutput, outputOf } from './output.ts';

/** Columns of the table that tells of every environment; flags are 0 or 1. */
export const STATUS_COLUMNS = [
  'reward',
  'terminated',
  'truncated',
  'success',
  /** Index into STAGE_NAMES. */
  'failed_stage',
  'time_s',
  'interventions',
  /** World that is played: its seed, and the number of the episode under this seed. */
  'seed',
  'episode',
  /** Whether an episode ended in this step and the next one has begun: its last observation comes extra. */
  'final',
] as const;
export const STAGE_NAMES = ['', ...EPISODE_STAGES] as const;

const WIDTH = STATUS_COLUMNS.length;
const FINAL = STATUS_COLUMNS.indexOf('final');

/** Which world an environment is to be reset to. */
export interface ResetOrder {
  readonly environment: number;
  /** Null: the seed stays, and the next episode under it begins. */
  readonly seed: number | null;
  /** Null: episode 0 of a new seed, the next one of an old seed. */
  readonly episode: number | null;
}

/**
 * Environments of one kind that are stepped together; what ends is reset as the mode says. Outputs of all of them lie side
 * by side in arrays that every call overwrites.
 */
export class EnvironmentBatch {
  readonly count: number;
  readonly environments: readonly Environment[];
  readonly output: EnvironmentOutput;
  /** One row of STATUS_COLUMNS an environment. */
  readonly table: Float64Array;
  /** In mode `same_step` the rows and observations of episodes that ended in the last step, the first `finals` of them. */
  readonly final_output: EnvironmentOutput;
  readonly final_table: Float64Array;
  finals = 0;
  private readonly mode: AutoresetMode;
  private readonly seeds: Float64Array;
  private readonly episodes: Float64Array;
  private readonly ended: Uint8Array;

  /** @param count  number of environments, which share nothing but the robot's model */
  constructor(options: EnvironmentOptions, robot: Robot, count: number, mode: AutoresetMode) {
    this.count = count;
    this.mode = mode;
    this.environments = Array.from({ length: count }, () => new Environment(options, robot));
    const { sizes } = this.environments[0];
    this.output = createOutput(sizes, count);
    this.final_output = createOutput(sizes, mode === 'same_step' ? count : 0);
    this.table = new Float64Array(WIDTH * count);
    this.final_table = new Float64Array(WIDTH * count);
    this.seeds = new Float64Array(count);
    this.episodes = new Float64Array(count).fill(-1);
    this.ended = new Uint8Array(count).fill(1);
    this.environments.forEach((environment, i) => {
      environment.output = outputOf(this.output, sizes, i);
    });
  }

  /** Resets the environments named; the others stay as they are. Throws InputError before anything is reset. */
  reset(orders: readonly ResetOrder[]): void {
    for (const { environment, seed, episode } of orders) {
      if (!(Number.isInteger(environment) && environment >= 0 && environment < this.count)) {
        throw new InputError(`reset of environment ${environment}`, `0 to ${this.count - 1}`);
      }
      for (const [name, value] of Object.entries({ seed, episode })) {
        if (value !== null && !(Number.isSafeInteger(value) && value >= 0)) {
          throw new InputError(`${name} ${value} of environment ${environment}`, 'an integer from 0 to 2^53 − 1');
        }
      }
    }
    this.finals = 0;
    for (const { environment: i, seed, episode } of orders) {
      const next = seed === null ? this.episodes[i] + 1 : 0;
      if (seed !== null) this.seeds[i] = seed;
      this.begin(i, episode ?? next);
    }
  }

  /** One step of every environment. `actions`: a row for each; finite, used within −1..1. */
  step(actions: Float32Array): void {
    const { environments, ended, mode } = this;
    const size = environments[0].sizes.action;
    checkActions(actions, size);
    if (mode !== 'next_step') this.requireRunning();
    this.finals = 0;
    for (let i = 0; i < this.count; i++) {
      const environment = environments[i];
      if (ended[i] === 1) {
        this.begin(i, this.episodes[i] + 1);
        continue;
      }
      environment.step(actions, size * i);
      this.tell(i, this.table, i);
      const { terminated, truncated } = environment.status;
      ended[i] = terminated || truncated ? 1 : 0;
      if (ended[i] === 1 && mode === 'same_step') this.beginAtOnce(i);
    }
  }

  private requireRunning(): void {
    const over = this.ended.indexOf(1);
    if (over < 0) return;
    const state = this.episodes[over] < 0 ? 'has not begun' : 'is over';
    throw new InputError(`step of environment ${over}, whose episode ${state}`, 'reset it first');
  }

  private begin(i: number, episode: number): void {
    this.episodes[i] = episode;
    this.environments[i].reset(this.seeds[i], episode);
    this.ended[i] = 0;
    this.tell(i, this.table, i);
  }

  /** Keeps what the episode ended with and begins the next; reward and flags of the step stay in the table. */
  private beginAtOnce(i: number): void {
    const { environments, final_output, final_table, table } = this;
    const { sizes, output } = environments[i];
    copyOutput(output, outputOf(final_output, sizes, this.finals));
    this.tell(i, final_table, this.finals);
    this.finals++;
    const verdict = table.slice(WIDTH * i, WIDTH * i + VERDICT);
    this.begin(i, this.episodes[i] + 1);
    table.set(verdict, WIDTH * i);
    table[WIDTH * i + FINAL] = 1;
  }

  private tell(i: number, table: Float64Array, row: number): void {
    const environment = this.environments[i];
    const { status } = environment;
    let at = WIDTH * row;
    table[at++] = environment.reward;
    table[at++] = status.terminated ? 1 : 0;
    table[at++] = status.truncated ? 1 : 0;
    table[at++] = status.success ? 1 : 0;
    table[at++] = STAGE_NAMES.indexOf(status.failed_stage);
    table[at++] = environment.time_s;
    table[at++] = environment.interventions;
    table[at++] = this.seeds[i];
    table[at++] = this.episodes[i];
    table[at] = 0;
  }
}

/** Columns that say how the step went: reward, terminated, truncated. */
const VERDICT = 3;
