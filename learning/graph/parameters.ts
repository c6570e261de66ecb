import type { Rng } from '../../contracts/index.ts';
import { elements, type Value } from './graph.ts';
import type { Tape } from './tape.ts';

/** A trainable tensor and the standard deviation of its first values. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly deviation: number;
}

/** Where a network's parameters come from: constants of the file, or slices of a vector that is trained. */
export type ParameterSource = (specs: readonly ParameterSpec[]) => Value[];

/** Number of values in all parameters. */
export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, spec) => sum + elements(spec.shape), 0);
}

/** First values, normal with each parameter's deviation (He et al., 2015); equal streams give equal values. */
export function initialParameters(specs: readonly ParameterSpec[], rng: Rng): Float32Array {
  const theta = new Float32Array(parameterCount(specs));
  let at = 0;
  for (const spec of specs) {
    const stream = rng.stream(spec.name);
    const end = at + elements(spec.shape);
    for (; at < end; at++) theta[at] = spec.deviation === 0 ? 0 : spec.deviation * stream.normal();
  }
  return theta;
}

/** Parameters as pieces of the graph's input vector `theta`. */
export function fromVector(tape: Tape, theta: Value): ParameterSource {
  return (specs) => {
    const pieces = tape.graph.split(
      theta,
      specs.map((spec) => elements(spec.shape)),
    );
    return specs.map(({ shape }, i) => tape.graph.node('Reshape', [pieces[i], tape.graph.integers(shape)], shape));
  };
}

/** Parameters as constants under their own names. */
export function fromConstants(tape: Tape, theta: Float32Array): ParameterSource {
  return (specs) => {
    let at = 0;
    return specs.map(({ name, shape }) => {
      const start = at;
      at += elements(shape);
      return tape.graph.tensor(theta.slice(start, at), shape, name);
    });
  };
}
