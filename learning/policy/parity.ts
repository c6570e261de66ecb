import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type MlpShape, mlpForward } from './mlp.ts';
import { POLICY_INPUT, POLICY_OUTPUT, policyModel } from './network.ts';

/** Greatest difference between an exported network and its trainer, over the greater of 1 and the answer's size. */
export const PARITY = 1e-5;

/**
 * The network of parameters as a file, held to the parameters in plain double arithmetic on `rows` of `probes` (normalised
 * inputs side by side).
 *
 * @throws Error naming the first output that differs by more than PARITY
 */
export async function exportPolicy(
  shape: MlpShape,
  theta: Float32Array,
  probes: Float32Array,
): Promise<{ readonly model: Uint8Array; readonly difference: number }> {
  const model = policyModel(shape, theta);
  const rows = probes.length / shape.inputs;
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const result = await session.run({ [POLICY_INPUT]: new Tensor('float32', probes, [rows, shape.inputs]) });
  await session.release();
  const { data } = result[POLICY_OUTPUT];
  const outputs = shape.chunk * shape.action;
  let difference = 0;
  for (let row = 0; row < rows; row++) {
    const wanted = mlpForward(shape, theta, probes.subarray(row * shape.inputs, (row + 1) * shape.inputs));
    for (let k = 0; k < outputs; k++) {
      const found = Number(data[row * outputs + k]);
      const apart = Math.abs(found - wanted[k]) / Math.max(1, Math.abs(wanted[k]));
      if (!(apart <= PARITY))
        throw new Error(`output ${k} of probe ${row} of the export is ${found}, ${wanted[k]} in training`);
      difference = Math.max(difference, apart);
    }
  }
  return { model, difference };
}
