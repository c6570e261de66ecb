import { join } from 'node:path';
import {
  type Eye,
  eyeCameras,
  loadCheckpoint,
  type SeeingProbe,
  saveCheckpoint,
  trainEye,
} from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { Environment, type EnvironmentOptions, type Feature } from '../env/index.ts';
import type { Players } from './players.ts';
import type { EyeRecipe, TrainingRecipe } from './recipe.ts';
import { ordersFor } from './segments.ts';
import { joinFrames } from './vision_frames.ts';
import { eyeNetwork, Seeing, seenSize } from './vision_seeing.ts';

/** What only the eye of a policy that sees is told, in this order, before what every policy is told of the arm. */
export const FOR_THE_EYE = ['wanted_class', 'wanted_colour', 'tool_rotation', 'goal_target'] as const;

/** Of the runtime, while no thread plays. */
const THREADS = 2;
const STEPS_APART = 9;

export interface EyeEvents {
  onPictures?(done: number, of: number): void;
  onEye?(step: number, of: number, loss: number): void;
}

/**
 * Pictures from episodes of the expert, and an eye trained on them; as it was kept in `folder`, where it was.
 * @returns null if stopped before it is done
 */
export async function makeEye(
  recipe: TrainingRecipe,
  eye: EyeRecipe,
  players: Players,
  { folder, kept }: { readonly folder: string; readonly kept: boolean },
  events: EyeEvents,
  stopped: () => boolean,
): Promise<Eye | null> {
  const { width, height, paint_units, episodes, pictures, steps, batch, rate } = eye;
  const shape = { width, height, paint_units };
  const cameras = eyeCameras(loadRobot('panda'), shape);
  const file = eyeFileIn(folder);
  const label = `eye ${JSON.stringify(recipe)}`;
  if (kept) return { shape, cameras, theta: (await loadCheckpoint(file, label)).theta };
  const orders = ordersFor('pictures', recipe, episodes).map((order) => ({ ...order, steps: pictures }));
  const sets = await players.frames(orders, stopped, (done) => events.onPictures?.(done, episodes));
  if (sets === null) return null;
  const options = { shape, seed: recipe.seed, steps, batch, rate, threads: THREADS };
  const theta = await trainEye(options, joinFrames(sets, shape), (step, loss) => {
    events.onEye?.(step, steps, loss);
    return stopped();
  });
  if (theta === null) return null;
  const rest = new Float32Array(theta.length);
  await saveCheckpoint(file, label, { step: steps, theta, m: rest, v: rest });
  return { shape, cameras, theta };
}

export function eyeFileIn(folder: string): string {
  return join(folder, 'eye');
}

/** What an eye and a network were given on the way of the expert through one world. */
export async function probesOf(
  options: EnvironmentOptions,
  features: readonly Feature[],
  eye: Eye,
  count: number,
  seed: number,
): Promise<readonly SeeingProbe[]> {
  const environment = new Environment(options, loadRobot('panda'));
  const seeing = await Seeing.open(eyeNetwork(eye));
  const probes: SeeingProbe[] = [];
  environment.reset(seed, 0);
  const observer = environment.features(features);
  for (let step = 0; probes.length < count && !environment.status.terminated; step++) {
    if (step % STEPS_APART === 0) {
      const told = new Float32Array(observer.size);
      const inputs = new Float32Array(seenSize(observer.size));
      observer.write(environment.output.vector, told, 0);
      const memory = seeing.memory.slice();
      await seeing.look(environment.output, told, inputs);
      probes.push({ pictures: seeing.pictures.slice(), told, memory, inputs });
    }
    environment.step(environment.output.expert_action);
  }
  environment.close();
  await seeing.close();
  return probes;
}
