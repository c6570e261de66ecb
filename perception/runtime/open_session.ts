import { InputError } from '../../contracts/index.ts';
import { type ExecutionProvider, InferenceError, type NetworkSpec } from './inference.ts';
import { OnnxSession } from './onnx_session.ts';

/**
 * Loads a network to run in this thread, by one provider and no other.
 * @param where  names the network in errors
 * @param pictures  the most that a run takes at once; more than one only where all its axes `N` allow that
 * @throws InputError if the bytes are no network, one with other inputs and outputs than `spec`, or the provider is not here
 */
export async function openSession(
  bytes: Uint8Array,
  spec: NetworkSpec,
  where: string,
  provider: ExecutionProvider = 'cpu',
  pictures = 1,
): Promise<OnnxSession> {
  try {
    return await OnnxSession.load(bytes, spec, where, provider, pictures);
  } catch (error) {
    throw asInputError(error);
  }
}

/** What was asked for and cannot be had is an error of the input; anything else stays what it is. */
export function asInputError(error: unknown): unknown {
  if (!(error instanceof InferenceError) || (error.fault !== 'model' && error.fault !== 'absent')) return error;
  return InputError.restore(error.message);
}
