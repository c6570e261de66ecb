import { InputError } from '../../contracts/index.ts';
import { backSubstitute, factorise } from '../../perception/index.ts';
import type { EpisodeRecord, RecordLayout } from './episode_record.ts';

/** Steps for which an action is looked at, and steps of motion before that carry on. */
const LAGS = 6;
const PAST = 2;
const AXES = 3;
const WIDTH = LAGS + PAST + 1;
const RIDGE = 1e-3;
/** Motion in a step that counts as 1 (m): about that of a full action. */
const UNIT_M = 0.02;
/** Shifts that are tried to say what is wrong with a record (steps). */
const MOST_SHIFT = 3;

/**
 * How far the tool moves in a step, from the actions of this step and those before and its motion so far: an
 * autoregressive model with inputs for each axis (Ljung, System Identification, 1999, §4.2), fitted to trusted records.
 */
export interface ActionResponse {
  /** For each axis: weights of the action `lag` steps ago, of the motion in the steps before, and a constant. */
  readonly weights: readonly Float64Array[];
}

/** How the actions of a record fit to its motion. */
export interface ResponseFit {
  /** Root mean square of what the response does not explain (m a step). */
  readonly residual_m: number;
  /** Mean of it over the record, in the axis where it is greatest (m a step). */
  readonly bias_m: number;
  /** As residual_m, with the actions taken from so many steps later: the best of those tried. */
  readonly shifted: { readonly steps: number; readonly residual_m: number };
}

/** @throws InputError where there is too little to fit a response to */
export function fitActionResponse(trusted: readonly EpisodeRecord[], layout: RecordLayout): ActionResponse {
  const A = Array.from({ length: AXES }, () => new Float64Array(WIDTH * WIDTH));
  const b = Array.from({ length: AXES }, () => new Float64Array(WIDTH));
  const row = new Float64Array(WIDTH);
  let rows = 0;
  for (const record of trusted) {
    for (const step of steadySteps(record)) {
      for (let axis = 0; axis < AXES; axis++) {
        writeRow(record, layout, step, axis, 0, row);
        const moved = motion(record, layout, step, axis);
        for (let i = 0; i < WIDTH; i++) {
          b[axis][i] += row[i] * moved;
          for (let j = 0; j <= i; j++) A[axis][i * WIDTH + j] += row[i] * row[j];
        }
      }
      rows++;
    }
  }
  if (rows < 20 * WIDTH) throw new InputError(`${rows} steps of trusted records`, `at least ${20 * WIDTH}`);
  const L = new Float64Array(WIDTH * WIDTH);
  const weights = A.map((normal, axis) => {
    for (let i = 0; i < WIDTH; i++) normal[i * WIDTH + i] += RIDGE;
    factorise(normal, WIDTH, L);
    const solved = new Float64Array(WIDTH);
    backSubstitute(L, WIDTH, b[axis], solved);
    return solved;
  });
  return { weights };
}

export function responseFit(response: ActionResponse, record: EpisodeRecord, layout: RecordLayout): ResponseFit {
  const { residual_m, bias_m } = unexplained(response, record, layout, 0);
  let shifted = { steps: 0, residual_m };
  for (let steps = -MOST_SHIFT; steps <= MOST_SHIFT; steps++) {
    const tried = unexplained(response, record, layout, steps).residual_m;
    if (tried < shifted.residual_m) shifted = { steps, residual_m: tried };
  }
  return { residual_m, bias_m, shifted };
}

function unexplained({ weights }: ActionResponse, record: EpisodeRecord, layout: RecordLayout, shift: number) {
  const row = new Float64Array(WIDTH);
  const sums = new Float64Array(AXES);
  let [squares, count] = [0, 0];
  for (const step of steadySteps(record)) {
    for (let axis = 0; axis < AXES; axis++) {
      writeRow(record, layout, step, axis, shift, row);
      let expected = 0;
      for (let i = 0; i < WIDTH; i++) expected += weights[axis][i] * row[i];
      const left = motion(record, layout, step, axis) - expected;
      squares += left ** 2;
      sums[axis] += left;
    }
    count++;
  }
  if (count === 0) return { residual_m: 0, bias_m: 0 };
  const bias = Math.max(...sums.map(Math.abs)) / count;
  return { residual_m: UNIT_M * Math.sqrt(squares / count), bias_m: UNIT_M * bias };
}

/** Steps around which the actions are those that were done, as far as any response or shift looks. */
function steadySteps({ length, followed }: EpisodeRecord): number[] {
  const [before, after] = [LAGS - 1 + MOST_SHIFT, MOST_SHIFT];
  const steps: number[] = [];
  let run = 0;
  for (let step = 0; step < length; step++) {
    run = followed[step] === 1 ? run + 1 : 0;
    if (run > before + after && step - after + 1 < length) steps.push(step - after);
  }
  return steps;
}

function writeRow(
  record: EpisodeRecord,
  layout: RecordLayout,
  step: number,
  axis: number,
  shift: number,
  row: Float64Array,
): void {
  for (let lag = 0; lag < LAGS; lag++) {
    const action = record.actions[(step + shift - lag) * layout.action + axis];
    row[lag] = Math.min(1, Math.max(-1, action));
  }
  for (let past = 1; past <= PAST; past++) row[LAGS + past - 1] = motion(record, layout, step - past, axis);
  row[WIDTH - 1] = 1;
}

/** Of the tool from this observation to the next, in units. */
function motion({ observations }: EpisodeRecord, layout: RecordLayout, step: number, axis: number): number {
  const at = step * layout.observation + layout.offsets.tool_position + axis;
  return (observations[at + layout.observation] - observations[at]) / UNIT_M;
}
