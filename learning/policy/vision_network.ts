import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../../contracts/index.ts';
import { fromConstants, Tape, type Value } from '../graph/index.ts';
import { type MlpShape, mlp, mlpForward, mlpParameters } from './mlp.ts';
import { POLICY_INPUT, POLICY_OUTPUT } from './network.ts';
import type { Normalisation } from './normalisation.ts';
import { PARITY } from './parity.ts';
import { attend, EYE_FEATURES, EYE_MEMORY, EYE_TOLD_SIZE } from './vision_attention.ts';
import { EYE_CAMERAS, type EyeCamera } from './vision_cameras.ts';
import type { EyeShape } from './vision_eye.ts';
import { part } from './vision_graph.ts';

export const POLICY_PICTURES = 'pictures';
export const EYE_OUTPUT = 'features';
/** What is remembered from step to step: goes in, and comes out as it is to go in next. */
export const MEMORY_INPUT = 'memory';
export const MEMORY_OUTPUT = 'memory_next';
/** Numbers at the start of an observation that only the eye is told: which object, and how the tool is turned. */
export const EYE_ONLY = 17;
/** Where the observation tells the eye how far the fingers are apart. */
export const EYE_GRIPPER = 32;

/** A trained eye: its network and the cameras that it knows. */
export interface Eye {
  readonly shape: EyeShape;
  readonly cameras: readonly EyeCamera[];
  readonly theta: Float32Array;
}

/** A policy that sees, in its parts. */
export interface SeeingPolicy {
  readonly eye: Eye;
  /** Its inputs are the observation from EYE_ONLY on, then what the eye says. */
  readonly network: MlpShape;
  readonly theta: Float32Array;
  /** Of the network's inputs. */
  readonly observation: Normalisation;
}

/** Pictures [1, 8, h, w], told [1, EYE_TOLD_SIZE], SI units, and memory [1, EYE_MEMORY] to features [1, EYE_FEATURES] and the next memory. */
export function eyeModel({ shape, cameras, theta }: Eye): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const pictures = picturesInput(tape, shape);
  const told = g.input(POLICY_INPUT, 'float32', [1, EYE_TOLD_SIZE]);
  const memory = g.input(MEMORY_INPUT, 'float32', [1, EYE_MEMORY]);
  const seen = attend(tape, shape, cameras, theta, pictures, told, memory);
  g.output(EYE_OUTPUT, seen.features);
  g.output(MEMORY_OUTPUT, seen.memory);
  return g.encode('eye');
}

/** Numbers of an observation: what a policy that sees is told beside its pictures. */
export function toldSize({ network }: Pick<SeeingPolicy, 'network'>): number {
  return EYE_ONLY + network.inputs - EYE_FEATURES;
}

/** Normalisation of that observation: what only the eye is told stays as it is. */
export function toldNormalisation(policy: Pick<SeeingPolicy, 'network' | 'observation'>): Normalisation {
  const rest = policy.network.inputs - EYE_FEATURES;
  const only = (value: number) => new Array<number>(EYE_ONLY).fill(value);
  const { mean, scale } = policy.observation;
  return { mean: [...only(0), ...mean.slice(0, rest)], scale: [...only(1), ...scale.slice(0, rest)] };
}

/** The whole policy as one network: pictures and normalised observation to chunks of normalised actions. */
export function seeingPolicyModel(policy: SeeingPolicy): Uint8Array {
  const { eye, network, theta, observation } = policy;
  const size = toldSize(policy);
  const told_as = toldNormalisation(policy);
  const tape = new Tape();
  const g = tape.graph;
  const x = g.input(POLICY_INPUT, 'float32', [1, size]);
  const pictures = picturesInput(tape, eye.shape);
  const told = tape.add(tape.mul(x, row(tape, told_as.scale)), row(tape, told_as.mean));
  const memory = g.input(MEMORY_INPUT, 'float32', [1, EYE_MEMORY]);
  const eye_told = tape.concat([
    part(tape, told, 1, 0, EYE_TOLD_SIZE - 1),
    part(tape, told, 1, EYE_GRIPPER, EYE_GRIPPER + 1),
  ]);
  const attended = attend(tape, eye.shape, eye.cameras, eye.theta, pictures, eye_told, memory);
  const rest = network.inputs - EYE_FEATURES;
  const centred = tape.sub(attended.features, row(tape, observation.mean.slice(rest)));
  const seen = tape.div(centred, row(tape, observation.scale.slice(rest)));
  const input = tape.concat([part(tape, x, 1, EYE_ONLY, size), seen]);
  const y = mlp(tape, input, fromConstants(tape, theta)(mlpParameters(network)));
  g.output(POLICY_OUTPUT, tape.reshape(y, [1, network.chunk, network.action]));
  g.output(MEMORY_OUTPUT, attended.memory);
  return g.encode('policy-with-pictures');
}

/** What the parts of a policy were given and made of it in training, by which its export is judged. */
export interface SeeingProbe {
  readonly pictures: Float32Array;
  /** Not normalised. */
  readonly told: Float32Array;
  readonly memory: Float32Array;
  /** The network's inputs as they were in training, not normalised. */
  readonly inputs: Float32Array;
}

/**
 * The whole policy as a file, held to its parts in training: what the eye said, and the network in plain double arithmetic.
 *
 * @throws Error naming the first output that differs by more than PARITY
 */
export async function exportSeeingPolicy(
  policy: SeeingPolicy,
  probes: readonly SeeingProbe[],
): Promise<{ readonly model: Uint8Array; readonly difference: number }> {
  if (probes.length === 0) throw new InputError('probes of an export: none', 'at least one');
  const model = seeingPolicyModel(policy);
  const { network, theta, observation, eye } = policy;
  const told_as = toldNormalisation(policy);
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  let difference = 0;
  try {
    for (const [k, { pictures, told, memory, inputs }] of probes.entries()) {
      const x = told.map((value, i) => (value - told_as.mean[i]) / told_as.scale[i]);
      const { width, height } = eye.shape;
      const result = await session.run({
        [POLICY_INPUT]: new Tensor('float32', x, [1, x.length]),
        [POLICY_PICTURES]: new Tensor('float32', pictures, [1, 4 * EYE_CAMERAS.length, height, width]),
        [MEMORY_INPUT]: new Tensor('float32', memory, [1, EYE_MEMORY]),
      });
      const seen = inputs.map((value, i) => (value - observation.mean[i]) / observation.scale[i]);
      const wanted = mlpForward(network, theta, seen);
      for (const [i, right] of wanted.entries()) {
        const found = Number(result[POLICY_OUTPUT].data[i]);
        const apart = Math.abs(found - right) / Math.max(1, Math.abs(right));
        if (!(apart <= PARITY))
          throw new Error(`output ${i} of probe ${k} of the export is ${found}, ${right} in training`);
        difference = Math.max(difference, apart);
      }
    }
  } finally {
    await session.release();
  }
  return { model, difference };
}

function picturesInput(tape: Tape, { width, height }: EyeShape): Value {
  return tape.graph.input(POLICY_PICTURES, 'float32', [1, 4 * EYE_CAMERAS.length, height, width]);
}

function row(tape: Tape, values: readonly number[]): Value {
  return tape.graph.tensor(Float32Array.from(values), [1, values.length]);
}
