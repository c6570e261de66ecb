import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../../contracts/index.ts';
import type { MlpShape } from './mlp.ts';
import { cloningLossModel, POLICY_INPUT } from './network.ts';
import type { ChunkSamples } from './samples.ts';

/** Mean squared error of a network on samples that it is not trained on; the same ones every time. */
export class HeldOutLoss {
  private readonly session: InferenceSession;
  private readonly x: Tensor;
  private readonly target: Tensor;

  private constructor(session: InferenceSession, x: Tensor, target: Tensor) {
    this.session = session;
    this.x = x;
    this.target = target;
  }

  /** @param samples  normalised. Throws InputError if there are none. */
  static async open(shape: MlpShape, samples: ChunkSamples, threads: number): Promise<HeldOutLoss> {
    const { count, inputs, outputs } = samples;
    if (count === 0) throw new InputError('samples held out: none', 'at least one whole chunk');
    const session = await InferenceSession.create(cloningLossModel(shape, count), {
      ...{ intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 },
    });
    const x = new Tensor('float32', samples.x, [count, inputs]);
    return new HeldOutLoss(session, x, new Tensor('float32', samples.y, [count, outputs]));
  }

  async of(theta: Float32Array): Promise<number> {
    const inputs = { [POLICY_INPUT]: this.x, target: this.target, theta: new Tensor('float32', theta, [theta.length]) };
    return Number((await this.session.run(inputs)).loss.data[0]);
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
