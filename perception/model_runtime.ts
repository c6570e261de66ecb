import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../contracts/index.ts';
import type { TensorSpec } from './model_repository.ts';
import type { ExecutionProvider } from './runtime/index.ts';

/** What a model must take and give. */
export interface ModelSpec {
  readonly input: TensorSpec;
  readonly output: TensorSpec;
}

/** One network with one float32 input and output, run by onnxruntime on one thread so that equal inputs give equal bits. */
export class ModelRuntime {
  private readonly session: InferenceSession;
  private readonly spec: ModelSpec;

  private constructor(session: InferenceSession, spec: ModelSpec) {
    this.session = session;
    this.spec = spec;
  }

  /**
   * Loads a model whose bytes have been verified.
   * @param where  names the file in errors
   * @throws InputError if the bytes are no model, or one with other inputs and outputs than `spec`
   */
  static async create(
    bytes: Uint8Array,
    spec: ModelSpec,
    where: string,
    provider: ExecutionProvider = 'cpu',
  ): Promise<ModelRuntime> {
    let session = await openSession(bytes, 'cpu').catch((cause: unknown) => {
      throw new InputError(where, `not an ONNX model that onnxruntime can load (${reasonOf(cause)})`, { cause });
    });
    checkMetadata(`${where}, inputs`, session.inputMetadata, spec.input);
    checkMetadata(`${where}, outputs`, session.outputMetadata, spec.output);
    if (provider !== 'cpu') {
      await session.release();
      session = await openSession(bytes, provider).catch((cause: unknown) => {
        const remedy = `not available here; install its driver and libraries, or use cpu (${reasonOf(cause)})`;
        throw new InputError(`execution provider ${provider}`, remedy, { cause });
      });
    }
    return new ModelRuntime(session, spec);
  }

  /** Runs the network once. @throws Error if it fails or gives values that are not finite */
  async run(input: Float32Array): Promise<Float32Array> {
    const { name, shape } = this.spec.input;
    const results = await this.session.run({ [name]: new Tensor('float32', input, [...shape]) });
    const { data } = results[this.spec.output.name];
    if (!(data instanceof Float32Array)) throw new Error(`the network gave ${results[this.spec.output.name].type}`);
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i])) throw new Error(`the network gave ${data[i]} at ${i} of ${data.length}`);
    }
    return data;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function openSession(bytes: Uint8Array, provider: ExecutionProvider): Promise<InferenceSession> {
  // What onnxruntime would print comes as an error too.
  env.logLevel = 'fatal';
  return InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkMetadata(where: string, found: readonly InferenceSession.ValueMetadata[], wanted: TensorSpec): void {
  const text = (tensor: { name: string; type: string; shape: readonly (number | string)[] }): string =>
    `${tensor.name} ${tensor.type} [${tensor.shape.join(', ')}]`;
  const names = found.map((value) => (value.isTensor ? text(value) : value.name)).join('; ');
  if (names !== text(wanted)) throw new InputError(`${where} ${names || 'none'}`, `must be exactly ${text(wanted)}`);
}
