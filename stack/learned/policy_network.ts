import { InputError } from '../../contracts/index.ts';
import type { TaskPolicyManifest } from '../../control/index.ts';
import { type Inference, InferenceError, openSession } from '../../perception/index.ts';
import type { TaskPolicyModel } from '../policies/task_policy_file.ts';

/** Rows of every run of a network that takes several: always as many, so that an answer's bits never depend on how many ask. */
export const NETWORK_ROWS = 8;

/** The network of a policy, asked for up to NETWORK_ROWS worlds at once. Equal inputs give equal bits. */
export class PolicyNetwork {
  /** Worlds that one run serves. */
  readonly rows: number;
  /** Normalised observations, a row a world; to be written before a run. */
  readonly observations: Float32Array;
  /** Pictures, a row a world; empty without. */
  readonly pictures: Float32Array;
  /** What is remembered from run to run, a row a world; empty without. A row is to be 0 in a world's first run. */
  readonly memory: Float32Array;
  /** What the last run gave: a chunk a row, and a logit each; the latter empty without. */
  actions: Float32Array = EMPTY;
  logits: Float32Array = EMPTY;
  private readonly session: Inference;
  private readonly manifest: TaskPolicyManifest;
  private readonly feeds: Record<string, Float32Array>;

  private constructor(session: Inference, manifest: TaskPolicyManifest) {
    const { input, images, memory } = manifest;
    this.session = session;
    this.manifest = manifest;
    this.rows = rowsOf(manifest);
    this.observations = new Float32Array(this.rows * input.shape[1]);
    this.pictures = images === undefined ? EMPTY : new Float32Array(this.rows * pictureSize(images));
    this.memory = memory === undefined ? EMPTY : new Float32Array(this.rows * memory.size);
    this.feeds = {
      [input.name]: this.observations,
      ...(images === undefined ? {} : { [images.name]: this.pictures }),
      ...(memory === undefined ? {} : { [memory.input]: this.memory }),
    };
  }

  /** Throws InputError where the bytes are no network, or one with other inputs and outputs than the manifest says. */
  static async open({ bytes, manifest, where }: TaskPolicyModel): Promise<PolicyNetwork> {
    const { input, images, output, confidence, memory } = manifest;
    const first = input.shape[0] === 'batch' ? 'N' : 1;
    const picture = images === undefined ? [] : [images.cameras.length * images.channels, images.height, images.width];
    const spec = {
      inputs: [
        { name: input.name, type: 'float32', shape: [first, input.shape[1]] },
        ...(images === undefined ? [] : [{ name: images.name, type: 'float32', shape: [first, ...picture] } as const]),
        ...(memory === undefined
          ? []
          : [{ name: memory.input, type: 'float32', shape: [first, memory.size] } as const]),
      ],
      outputs: [
        { name: output.name, type: 'float32', shape: [first, output.shape[1], output.shape[2]] },
        ...(confidence === undefined ? [] : [{ name: confidence.name, type: 'float32', shape: [first, 1] } as const]),
        ...(memory === undefined
          ? []
          : [{ name: memory.output, type: 'float32', shape: [first, memory.size] } as const]),
      ],
    } as const;
    return new PolicyNetwork(await openSession(bytes, spec, where, 'cpu', rowsOf(manifest)), manifest);
  }

  /** Answers all rows. Throws InputError where the network gives values that are not finite. */
  async run(): Promise<void> {
    const { output, confidence, memory } = this.manifest;
    const answer = await this.session.run(this.feeds).catch((error: unknown) => {
      if (error instanceof InferenceError && error.fault === 'values') throw InputError.restore(error.message);
      throw error;
    });
    this.actions = answer[output.name];
    if (memory !== undefined) this.memory.set(answer[memory.output]);
    this.logits = confidence === undefined ? EMPTY : answer[confidence.name];
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

/** Numbers of one world's pictures. */
export function pictureSize(images: NonNullable<TaskPolicyManifest['images']>): number {
  return images.cameras.length * images.channels * images.width * images.height;
}

function rowsOf({ input, images }: TaskPolicyManifest): number {
  return input.shape[0] === 1 || images !== undefined ? 1 : NETWORK_ROWS;
}

const EMPTY = new Float32Array(0);
