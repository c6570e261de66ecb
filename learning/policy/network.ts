import { addAdam, elements, fromConstants, fromVector, Tape, type Value } from '../graph/index.ts';
import { type MlpShape, mlp, mlpParameterCount, mlpParameters } from './mlp.ts';

export const POLICY_INPUT = 'observation';
export const POLICY_OUTPUT = 'actions';

/**
 * One training step as a model: inputs observation [n, inputs] and target [n, chunk · action], both normalised, theta, m, v,
 * rate; outputs loss (mean squared error), theta_next, m_next, v_next.
 */
export function cloningStep(shape: MlpShape, batch: number): Uint8Array {
  const { tape, theta, parameters, loss } = cloningLoss(shape, batch);
  tape.graph.output('loss', loss);
  addAdam(tape, theta, tape.gradients(loss, parameters));
  return tape.graph.encode('policy-cloning');
}

/** The same loss with its gradient over the flat parameters: inputs observation, target, theta; outputs loss, gradient. */
export function cloningGradient(shape: MlpShape, batch: number): Uint8Array {
  const { tape, theta, parameters, loss } = cloningLoss(shape, batch);
  const g = tape.graph;
  const flat = tape
    .gradients(loss, parameters)
    .map((d) => g.node('Reshape', [d, g.integers([elements(d.shape)])], [elements(d.shape)]));
  g.output('loss', loss);
  g.output('gradient', g.node('Concat', flat, theta.shape, { axis: 0 }));
  return g.encode('policy-gradient');
}

/** The same loss alone: inputs observation, target, theta; output loss. */
export function cloningLossModel(shape: MlpShape, batch: number): Uint8Array {
  const { tape, loss } = cloningLoss(shape, batch);
  tape.graph.output('loss', loss);
  return tape.graph.encode('policy-loss');
}

/** Observations of any number, normalised, to chunks of normalised actions: [batch, inputs] to [batch, chunk, action]. */
export function policyModel(shape: MlpShape, theta: Float32Array): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const x = g.input(POLICY_INPUT, 'float32', [1, shape.inputs]);
  const y = mlp(tape, x, fromConstants(tape, theta)(mlpParameters(shape)));
  g.output(
    POLICY_OUTPUT,
    g.node('Reshape', [y, g.integers([-1, shape.chunk, shape.action])], [1, shape.chunk, shape.action]),
  );
  return g.encode('policy', {}, { 0: 'batch' });
}

interface Cloning {
  readonly tape: Tape;
  readonly theta: Value;
  readonly parameters: readonly Value[];
  readonly loss: Value;
}

function cloningLoss(shape: MlpShape, batch: number): Cloning {
  const tape = new Tape();
  const g = tape.graph;
  const outputs = shape.chunk * shape.action;
  const x = g.input(POLICY_INPUT, 'float32', [batch, shape.inputs]);
  const target = g.input('target', 'float32', [batch, outputs]);
  const theta = g.input('theta', 'float32', [mlpParameterCount(shape)]);
  const parameters = fromVector(tape, theta)(mlpParameters(shape));
  const error = tape.sub(mlp(tape, x, parameters), target);
  const total = tape.sum(tape.mul(error, error), [0, 1]);
  return { tape, theta, parameters, loss: tape.mul(total, tape.constant(1 / (batch * outputs))) };
}
