import { InputError } from '../../contracts/index.ts';

/** What was seen and done in one episode at every step. */
export interface Demonstration {
  /** Steps. */
  readonly length: number;
  /** Rows of one observation each, SI units, not normalised. */
  readonly observations: Float32Array;
  /** What the teacher says at every step: rows of one action. */
  readonly actions: Float32Array;
  /** 1 where what the teacher says was done, 0 where somebody else drove. */
  readonly followed: Uint8Array;
  readonly success: boolean;
}

/** Numbers of one observation and one action, and how they become inputs and outputs of a network. */
export interface ChunkLayout {
  readonly observation: number;
  readonly action: number;
  /** Observations of one input, the newest last. */
  readonly history: number;
  /** Actions of one output. */
  readonly chunk: number;
  /** Actions that may follow the end of an episode: rest, with the gripper as it was last (entry `gripper`, −1 for none). */
  readonly gripper: number;
}

/** Samples side by side: rows of inputs and rows of outputs. */
export interface ChunkSamples {
  readonly count: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Of every row: its step, counted through all episodes. */
  readonly origin: Int32Array;
}

/**
 * Cuts demonstrations into samples: a history of observations, and the chunk of actions from there on. Only chunks that were
 * really done are kept: what a teacher says along somebody else's way is no motion of anybody. Past the end of an episode
 * the action is rest.
 *
 * @throws InputError naming the episode of another layout or with numbers that are not finite
 */
export function cutChunks(demonstrations: readonly Demonstration[], layout: ChunkLayout): ChunkSamples {
  const { observation, action, history, chunk, gripper } = layout;
  demonstrations.forEach((one, episode) => void checkDemonstration(one, layout, episode));
  const inputs = history * observation;
  const outputs = chunk * action;
  const kept = demonstrations.map((one) => wholeChunks(one, chunk));
  const count = kept.reduce((sum, steps) => sum + steps.length, 0);
  const x = new Float32Array(count * inputs);
  const y = new Float32Array(count * outputs);
  const origin = new Int32Array(count);
  let row = 0;
  let before = 0;
  demonstrations.forEach(({ length, observations, actions }, episode) => {
    for (const step of kept[episode]) {
      origin[row] = before + step;
      for (let h = 0; h < history; h++) {
        const from = Math.max(0, step - history + 1 + h) * observation;
        x.set(observations.subarray(from, from + observation), row * inputs + h * observation);
      }
      for (let c = 0; c < chunk; c++) {
        const at = row * outputs + c * action;
        if (step + c < length) y.set(actions.subarray((step + c) * action, (step + c + 1) * action), at);
        else if (gripper >= 0) y[at + gripper] = actions[(length - 1) * action + gripper];
      }
      row++;
    }
    before += length;
  });
  return { count, inputs, outputs, x, y, origin };
}

/** Steps from which on the teacher was followed for a whole chunk, or to the end. */
function wholeChunks({ length, followed }: Demonstration, chunk: number): number[] {
  const steps: number[] = [];
  let run = chunk;
  for (let step = length - 1; step >= 0; step--) {
    run = followed[step] === 1 ? run + 1 : 0;
    if (run >= chunk) steps.push(step);
  }
  return steps.reverse();
}

function checkDemonstration(one: Demonstration, { observation, action }: ChunkLayout, episode: number): void {
  const { length, observations, actions, followed } = one;
  const where = `demonstration ${episode}`;
  if (
    observations.length !== length * observation ||
    actions.length !== length * action ||
    followed.length !== length
  ) {
    throw new InputError(
      `${where}: ${observations.length} numbers observed and ${actions.length} done in ${length} steps`,
      `${observation} and ${action} a step here: all of one kind`,
    );
  }
  for (const [what, values] of Object.entries({ observations, actions })) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      const size = values.length / length;
      throw new InputError(
        `${where}: ${what} step ${Math.floor(at / size)} entry ${at % size} is ${values[at]}`,
        'finite numbers',
      );
    }
  }
}
