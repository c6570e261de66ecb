import { elements, type Value } from './graph.ts';
import type { Tape } from './tape.ts';

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/**
 * Appends one step of Adam (Kingma and Ba, 2015) over the flat parameter vector: inputs `m`, `v` (moments) and `rate` (one
 * number), outputs `theta_next`, `m_next`, `v_next`. The rate carries the bias correction: `adamRate`.
 */
export function addAdam(tape: Tape, theta: Value, gradients: readonly Value[]): void {
  const g = tape.graph;
  const { shape } = theta;
  const m = g.input('m', 'float32', shape);
  const v = g.input('v', 'float32', shape);
  const rate = g.input('rate', 'float32', [1]);
  const flat = gradients.map((d) => g.node('Reshape', [d, g.integers([elements(d.shape)])], [elements(d.shape)]));
  const gradient = g.node('Concat', flat, shape, { axis: 0 });
  const scaled = (a: Value, factor: number): Value => g.node('Mul', [a, g.scalar(factor)], shape);
  const square = g.node('Mul', [gradient, gradient], shape);
  const mNext = g.node('Add', [scaled(m, BETA_1), scaled(gradient, 1 - BETA_1)], shape);
  const vNext = g.node('Add', [scaled(v, BETA_2), scaled(square, 1 - BETA_2)], shape);
  const root = g.node('Add', [g.node('Sqrt', [vNext], shape), g.scalar(EPSILON)], shape);
  const step = g.node('Mul', [rate, g.node('Div', [mNext, root], shape)], shape);
  g.output('theta_next', g.node('Sub', [theta, step], shape));
  g.output('m_next', mNext);
  g.output('v_next', vNext);
}

/** Learning rate with Adam's bias correction for step 1, 2, … */
export function adamRate(rate: number, step: number): number {
  return (rate * Math.sqrt(1 - BETA_2 ** step)) / (1 - BETA_1 ** step);
}

/** Linear warm-up, then half a cosine down to 1 % of the rate (Loshchilov and Hutter, 2017); step 1 … steps. */
export function cosineRate(rate: number, step: number, steps: number, warmup: number): number {
  const fraction = Math.min(1, step / steps);
  return rate * Math.min(1, step / warmup) * (0.01 + 0.99 * (0.5 + 0.5 * Math.cos(Math.PI * fraction)));
}
