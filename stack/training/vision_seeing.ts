import {
  EYE_CAMERAS,
  EYE_FEATURES,
  EYE_GRIPPER,
  EYE_MEMORY,
  EYE_ONLY,
  EYE_OUTPUT,
  EYE_TOLD_SIZE,
  type Eye,
  eyeModel,
  MEMORY_INPUT,
  MEMORY_OUTPUT,
  POLICY_INPUT,
  POLICY_PICTURES,
} from '../../learning/index.ts';
import { type Inference, openSession } from '../../perception/index.ts';
import { type PictureLayout, type SeatPictures, writePictures } from '../learned/pictures.ts';

/** A trained eye as threads hand it to each other. */
export interface EyeNetwork {
  readonly model: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export function eyeNetwork(eye: Eye): EyeNetwork {
  return { model: eyeModel(eye), width: eye.shape.width, height: eye.shape.height };
}

/** What an observation has in place of what only the eye is told. */
export function seenSize(told: number): number {
  return told - EYE_ONLY + EYE_FEATURES;
}

/** Runs a trained eye on the pictures of one world after the other. */
export class Seeing {
  /** The pictures of the last look, as the network takes them. */
  readonly pictures: Float32Array;
  /** What is remembered of the looks before. */
  readonly memory = new Float32Array(EYE_MEMORY);
  private readonly session: Inference;
  private readonly layout: PictureLayout;
  private readonly told = new Float32Array(EYE_TOLD_SIZE);

  private constructor(session: Inference, layout: PictureLayout) {
    this.session = session;
    this.layout = layout;
    this.pictures = new Float32Array(4 * EYE_CAMERAS.length * layout.width * layout.height);
  }

  static async open({ model, width, height }: EyeNetwork): Promise<Seeing> {
    const spec = {
      inputs: [
        { name: POLICY_PICTURES, type: 'float32', shape: [1, 4 * EYE_CAMERAS.length, height, width] },
        { name: POLICY_INPUT, type: 'float32', shape: [1, EYE_TOLD_SIZE] },
        { name: MEMORY_INPUT, type: 'float32', shape: [1, EYE_MEMORY] },
      ],
      outputs: [
        { name: EYE_OUTPUT, type: 'float32', shape: [1, EYE_FEATURES] },
        { name: MEMORY_OUTPUT, type: 'float32', shape: [1, EYE_MEMORY] },
      ],
    } as const;
    const layout: PictureLayout = { cameras: EYE_CAMERAS, width, height, channels: 4 };
    return new Seeing(await openSession(model, spec, 'the eye in training'), layout);
  }

  /**
   * Writes what a policy that sees is told: the observation without what only the eye needs, then what the eye says.
   * @param told  all features, SI units
   * @param out  of `seenSize`
   */
  async look(pictures: SeatPictures, told: Float32Array, out: Float32Array): Promise<void> {
    writePictures(this.layout, pictures, this.pictures);
    this.told.set(told.subarray(0, EYE_TOLD_SIZE - 1));
    this.told[EYE_TOLD_SIZE - 1] = told[EYE_GRIPPER];
    const answer = await this.session.run({
      ...{ [POLICY_PICTURES]: this.pictures, [POLICY_INPUT]: this.told, [MEMORY_INPUT]: this.memory },
    });
    this.memory.set(answer[MEMORY_OUTPUT]);
    out.set(told.subarray(EYE_ONLY));
    out.set(answer[EYE_OUTPUT], told.length - EYE_ONLY);
  }

  /** Nothing has been seen yet. */
  forget(): void {
    this.memory.fill(0);
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
