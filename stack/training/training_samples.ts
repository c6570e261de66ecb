import {
  type ChunkLayout,
  type ChunkSamples,
  cutChunks,
  type Demonstration,
  type DemonstrationSet,
  fitNormalisation,
  HeldOutLoss,
  type MlpShape,
  type Normalisation,
  normalise,
} from '../../learning/index.ts';

/** Steps between two looks at the loss on what is held out, which are where a training can be taken up again. */
export const POINT_STEPS = 250;
/** One of so many of the first demonstrations is held out. */
const HELD_OUT_SHARE = 10;

type Demonstrated = Pick<DemonstrationSet, 'demonstrations'>;

/** Demonstrations as a network sees them, scaled as the first set has it. */
export class TrainingSamples {
  readonly observation: Normalisation;
  readonly action: Normalisation;
  readonly held_out: ChunkSamples;
  readonly loss: HeldOutLoss;
  private readonly layout: ChunkLayout;

  private constructor(
    layout: ChunkLayout,
    scales: { readonly observation: Normalisation; readonly action: Normalisation },
    held_out: ChunkSamples,
    loss: HeldOutLoss,
  ) {
    this.layout = layout;
    this.observation = scales.observation;
    this.action = scales.action;
    this.held_out = held_out;
    this.loss = loss;
  }

  /**
   * @param shape  of the network; its inputs are `history` observations, its last action the gripper's
   */
  static async of(shape: MlpShape, first: Demonstrated, history = 1): Promise<TrainingSamples> {
    const { inputs, chunk, action } = shape;
    const observation = inputs / history;
    const layout = { observation, action, history, chunk, gripper: action - 1 };
    const own = first.demonstrations.filter((_, k) => !isHeldOut(k));
    const rest = first.demonstrations.filter((_, k) => isHeldOut(k));
    const scales = {
      observation: fitNormalisation(own, 'observations', observation),
      action: fitNormalisation(own, 'actions', action),
    };
    const held_out = cutScaled(rest.length > 0 ? rest : own, layout, scales);
    return new TrainingSamples(layout, scales, held_out, await HeldOutLoss.open(shape, held_out, 1));
  }

  /** All that is not held out: of the first set the rest, of the others everything. */
  from(sets: readonly Demonstrated[]): ChunkSamples {
    const all = sets.flatMap(({ demonstrations }, set) => demonstrations.filter((_, k) => set > 0 || !isHeldOut(k)));
    return cutScaled(all, this.layout, this);
  }

  async close(): Promise<void> {
    await this.loss.close();
  }
}

function cutScaled(
  demonstrations: readonly Demonstration[],
  layout: ChunkLayout,
  { observation, action }: { readonly observation: Normalisation; readonly action: Normalisation },
): ChunkSamples {
  const samples = cutChunks(demonstrations, layout);
  normalise(samples, observation, action);
  return samples;
}

function isHeldOut(demonstration: number): boolean {
  return demonstration % HELD_OUT_SHARE === HELD_OUT_SHARE - 1;
}
