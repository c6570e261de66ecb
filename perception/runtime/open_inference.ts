import { InputError } from '../../contracts/index.ts';
import { type ExecutionProvider, emptyTensors, type NetworkSpec } from './inference.ts';
import { OnnxSession } from './onnx_session.ts';
import { asInputError } from './open_session.ts';
import { type ChainOptions, ProviderChain } from './provider_chain.ts';
import { WorkerInference, type WorkerOptions } from './worker_inference.ts';

export interface InferenceOptions
  extends Pick<ChainOptions, 'retry_frames' | 'most_retry_frames'>,
    Pick<WorkerOptions, 'worker' | 'silence_s'> {
  /** In the order in which they are wanted. Default `cpu` alone. */
  readonly providers?: readonly ExecutionProvider[];
  /**
   * In a thread of its own, which is what a robot wants: loading and running hold up nothing. Default false: where frames
   * wait for their answers anyway, as in simulation, a thread only costs.
   */
  readonly threaded?: boolean;
}

/**
 * Loads a network and warms it up on the first provider that works.
 * @param where  names the network in errors
 * @throws InputError if the bytes are no network, or one with other inputs and outputs than `spec`
 */
export async function openInference(
  bytes: Uint8Array,
  spec: NetworkSpec,
  where: string,
  { providers = ['cpu'], threaded = false, worker, silence_s, ...retries }: InferenceOptions = {},
): Promise<ProviderChain> {
  if (providers.length === 0) throw new InputError('execution providers: none', 'at least one, e.g. cpu');
  const threads = { ...(worker === undefined ? {} : { worker }), ...(silence_s === undefined ? {} : { silence_s }) };
  try {
    return await ProviderChain.open({
      ...{ ...retries, providers, beside: threaded, warm_up: emptyTensors(spec.inputs) },
      open: (provider) =>
        threaded
          ? WorkerInference.load(bytes, spec, where, provider, threads)
          : OnnxSession.load(bytes, spec, where, provider),
    });
  } catch (error) {
    throw asInputError(error);
  }
}
