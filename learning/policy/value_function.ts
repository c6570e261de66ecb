import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { MlpShape } from './mlp.ts';
import { POLICY_INPUT, POLICY_OUTPUT, policyModel } from './network.ts';
import { type CloningOptions, cloneBehaviour, initialCloningState } from './trainer.ts';

/**
 * Value of every observation: a network's regression of returns on them (Monte Carlo).
 *
 * @param x  rows of normalised observations
 * @param returns  of each row
 */
export async function fitValues(
  x: Float32Array,
  returns: Float32Array,
  options: Omit<CloningOptions, 'shape'> & { readonly hidden: readonly number[] },
): Promise<Float32Array> {
  const count = returns.length;
  const inputs = x.length / count;
  const shape: MlpShape = { inputs, hidden: options.hidden, chunk: 1, action: 1 };
  const origin = Int32Array.from({ length: count }, (_, k) => k);
  const samples = { count, inputs, outputs: 1, x, y: returns, origin };
  const own = { ...options, shape };
  const { theta } = await cloneBehaviour(own, initialCloningState(own), samples, () => false);
  const session = await InferenceSession.create(policyModel(shape, theta), {
    ...{ intraOpNumThreads: options.threads, interOpNumThreads: 1, logSeverityLevel: 3 },
  });
  try {
    const answer = await session.run({ [POLICY_INPUT]: new Tensor('float32', x, [count, inputs]) });
    return Float32Array.from(answer[POLICY_OUTPUT].data, Number);
  } finally {
    await session.release();
  }
}
