import { InputError } from '../../contracts/index.ts';
import { type ExecutionProvider, emptyTensors, greatestGrid, type Inference, type NetworkSpec } from './inference.ts';
import { OnnxSession } from './onnx_session.ts';
import { asInputError } from './open_session.ts';
import { type ChainOptions, ProviderChain } from './provider_chain.ts';
import { WorkerInference, type WorkerOptions } from './worker_inference.ts';

export interface InferenceOptions
  extends Pick<ChainOptions, 'retry_frames' | 'most_retry_frames'>,
    Pick<WorkerOptions, 'worker' | 'silence_s' | 'pictures'> {
  /** In the order in which they are wanted. Default `cpu` alone. */
  readonly providers?: readonly ExecutionProvider[];
  /**
   * In a thread of its own, which is what a robot wants: loading and running hold up nothing. Default false: where frames
   * wait for their answers anyway, as in simulation, a thread only costs.
   */
  readonly threaded?: boolean;
  /** Stands between the chain and each loading of the network: drills and tests break it there. By default nothing does. */
  readonly loading?: (provider: ExecutionProvider, load: NetworkLoader) => Promise<Inference>;
}

/** Loads the network on a provider, or what is said to be it in its place. @throws InferenceError */
export type NetworkLoader = (bytes?: Uint8Array) => Promise<Inference>;

/**
 * Loads a network and warms it up on the first provider that works.
 * @param where  names the network in errors
 * @throws InputError if the bytes are no network, or one with other inputs and outputs than `spec`
 */
export async function openInference(
  bytes: Uint8Array,
  spec: NetworkSpec,
  where: string,
  {
    providers = ['cpu'],
    threaded = false,
    worker,
    silence_s,
    pictures = 1,
    loading,
    ...retries
  }: InferenceOptions = {},
): Promise<ProviderChain> {
  if (providers.length === 0) throw new InputError('execution providers: none', 'at least one, e.g. cpu');
  const threads = {
    pictures,
    ...(worker === undefined ? {} : { worker }),
    ...(silence_s === undefined ? {} : { silence_s }),
  };
  const load = (provider: ExecutionProvider, given: Uint8Array): Promise<Inference> =>
    threaded
      ? WorkerInference.load(given, spec, where, provider, threads)
      : OnnxSession.load(given, spec, where, provider, pictures);
  try {
    return await ProviderChain.open({
      ...{ ...retries, providers, beside: threaded, warm_up: emptyTensors(spec.inputs, 1, greatestGrid(spec)) },
      open: (provider) => {
        const loadGiven: NetworkLoader = (given = bytes) => load(provider, given);
        return loading === undefined ? loadGiven() : loading(provider, loadGiven);
      },
    });
  } catch (error) {
    throw asInputError(error);
  }
}
