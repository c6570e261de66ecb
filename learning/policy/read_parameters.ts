import { InputError } from '../../contracts/index.ts';
import { readFloats } from '../graph/onnx_format.ts';
import { type MlpShape, mlpParameters } from './mlp.ts';

/**
 * Shape and parameters of a network that `policyModel` wrote.
 *
 * @param size  of its answer: actions of a chunk, and numbers of an action
 * @throws InputError where the bytes are another network's
 */
export function readPolicyParameters(
  bytes: Uint8Array,
  { chunk, action }: Pick<MlpShape, 'chunk' | 'action'>,
  where: string,
): { readonly shape: MlpShape; readonly theta: Float32Array } {
  const constants = readFloats(bytes, where);
  const widths: number[] = [];
  for (let k = 0; constants.has(`layer${k}.weight`); k++)
    widths.push(...(constants.get(`layer${k}.weight`)?.shape ?? []));
  const shape = { inputs: widths[0] ?? 0, hidden: widths.filter((_, k) => k % 2 === 1).slice(0, -1), chunk, action };
  if (shape.hidden.length === 0) throw new InputError(where, 'a network of layers as surepick train writes it');
  const parts = mlpParameters(shape).map(({ name, shape: wanted }) => {
    const found = constants.get(name);
    if (found?.shape.join() !== wanted.join())
      throw new InputError(`${where}: ${name} of ${found?.shape.join(' x ') ?? 'nothing'}`, wanted.join(' x '));
    return found.values;
  });
  const theta = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    theta.set(part, at);
    at += part.length;
  }
  return { shape, theta };
}
