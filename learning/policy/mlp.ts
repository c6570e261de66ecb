import { InputError } from '../../contracts/index.ts';
import { elements, type ParameterSpec, parameterCount, type Tape, type Value } from '../graph/index.ts';

/** A fully connected network: observations in, chunks of actions out. */
export interface MlpShape {
  /** Numbers of one input: history times observation. */
  readonly inputs: number;
  /** Units of every hidden layer, at least one of them. */
  readonly hidden: readonly number[];
  readonly chunk: number;
  readonly action: number;
}

/** The last layer starts small, so that first guesses are near the mean action. */
const LAST_GAIN = 0.3;

/** Weights and biases of every layer in order. Throws InputError naming a size that makes no sense. */
export function mlpParameters({ inputs, hidden, chunk, action }: MlpShape): readonly ParameterSpec[] {
  for (const [name, value] of Object.entries({ inputs, chunk, action })) check(name, value);
  if (hidden.length === 0) throw new InputError('hidden layers: none', 'at least one');
  hidden.forEach((units, k) => void check(`hidden layer ${k}`, units));
  const sizes = [inputs, ...hidden, chunk * action];
  return sizes.slice(1).flatMap((out, k) => {
    const gain = k === hidden.length ? LAST_GAIN : 1;
    return [
      { name: `layer${k}.weight`, shape: [sizes[k], out], deviation: gain * Math.sqrt(2 / sizes[k]) },
      { name: `layer${k}.bias`, shape: [out], deviation: 0 },
    ];
  });
}

export function mlpParameterCount(shape: MlpShape): number {
  return parameterCount(mlpParameters(shape));
}

/** Layers with rectifiers between them: x [n, inputs] to [n, chunk · action]. */
export function mlp(tape: Tape, x: Value, parameters: readonly Value[]): Value {
  let y = x;
  for (let k = 0; k < parameters.length; k += 2) {
    y = tape.dense(y, parameters[k], parameters[k + 1]);
    if (k + 2 < parameters.length) y = tape.relu(y);
  }
  return y;
}

/** What the network of these parameters answers to one input, in plain arithmetic: the reference that exports are held to. */
export function mlpForward(shape: MlpShape, theta: Float32Array, input: ArrayLike<number>): Float64Array {
  const specs = mlpParameters(shape);
  let x = Float64Array.from(input);
  let at = 0;
  for (let k = 0; k < specs.length; k += 2) {
    const [rows, columns] = specs[k].shape;
    const y = new Float64Array(columns);
    const bias = at + elements(specs[k].shape);
    for (let j = 0; j < columns; j++) {
      let sum = theta[bias + j];
      for (let i = 0; i < rows; i++) sum += x[i] * theta[at + i * columns + j];
      y[j] = k + 2 < specs.length ? Math.max(0, sum) : sum;
    }
    at = bias + columns;
    x = y;
  }
  return x;
}

function check(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new InputError(`${name} ${value}`, 'an integer of at least 1');
}
