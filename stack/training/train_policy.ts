import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError, wilson95 } from '../../contracts/index.ts';
import type { ObservedFeature, TaskPolicyManifest } from '../../control/index.ts';
import {
  type CloningOptions,
  type CloningState,
  cloneBehaviour,
  type DemonstrationSet,
  type Eye,
  exportPolicy,
  initialCloningState,
  loadCheckpoint,
  loadDemonstrations,
  saveCheckpoint,
  saveDemonstrations,
  stoppingPoint,
} from '../../learning/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/index.ts';
import { type LossPoint, loadCurves, type SuccessPoint, saveCurves, type TrainingCurves } from './curves.ts';
import { curvesPage } from './curves_page.ts';
import { keepData } from './data_folder.ts';
import { exportTrained } from './export_trained.ts';
import { type ImportedDemonstrations, readImported } from './imported_demonstrations.ts';
import { Players } from './players.ts';
import { manifestOf, publishPolicy } from './publish.ts';
import { checkRecipe, commandOf, type TrainingRecipe } from './recipe.ts';
import { ordersFor, type Segment, segmentsOf } from './segments.ts';
import type { EpisodeOrder, PlayerSetup } from './thread_messages.ts';
import { environmentOf, featuresOf, sizeOf, taughtFeaturesOf, trainedRobot } from './told.ts';
import type { TrainedPolicy } from './trained_policy.ts';
import { isThere, openTrainingFolder } from './training_folder.ts';
import { POINT_STEPS, TrainingSamples } from './training_samples.ts';
import { eyeNetwork } from './vision_seeing.ts';
import { type EyeEvents, eyeFileIn, makeEye } from './vision_training.ts';

const ACTION = ['dx', 'dy', 'dz', 'dyaw', 'gripper'] as const;
/** Points without a lower loss on what is held out until a segment ends. */
const PATIENCE = 12;

export interface TrainingSetting {
  readonly recipe: TrainingRecipe;
  /** The network's file; curves and, until it is done, a folder to go on from lie beside it. */
  readonly out: string;
  readonly workers: number;
  /** Whether to go on where an interrupted training of the same recipe ended. */
  readonly resume: boolean;
  /** Of the threads that play; beside this file, as built, by default. */
  readonly player_program?: string;
}

export interface TrainingEvents extends EyeEvents {
  onPlayed?(segment: Segment, done: number): void;
  onLoss?(segment: Segment, point: LossPoint): void;
  onSuccess?(segment: Segment, point: SuccessPoint): void;
}

export interface TrainingReport {
  readonly manifest: TaskPolicyManifest;
  readonly curves: TrainingCurves;
  /** Greatest difference of the export from the trainer on probes. */
  readonly parity: number;
}

/**
 * Trains a policy and writes it with its manifest. Equal recipes give equal bytes on one machine, for any number of
 * workers, and whether or not it was interrupted on the way.
 *
 * @returns null if `signal` ended it; it can be taken up again with `resume`
 * @throws InputError before anything is written if recipe, files and what is there do not fit
 */
export async function trainPolicy(
  setting: TrainingSetting,
  events: TrainingEvents = {},
  signal?: AbortSignal,
): Promise<TrainingReport | null> {
  const { recipe, workers, player_program } = setting;
  const { imported } = checkRecipe(recipe);
  // What cannot be taken is named before there is a folder.
  const setup = { environment: environmentOf(recipe), features: featuresOf(recipe) };
  if (imported !== undefined && !setting.resume) await importedBy(recipe, imported.folder);
  const folder = await openTrainingFolder(setting.out, setting.resume);
  const stopped = () => signal?.aborted === true;
  const eye = await eyeOf(setting, setup, folder, events, stopped);
  if (recipe.eye !== null && eye === null) return null;
  const teaching = { environment: environmentOf({ ...recipe, eye: null }), features: taughtFeaturesOf(recipe) };
  const players = await Players.start(teaching, workers, player_program);
  const seeing = eye === null ? null : await Players.start({ ...setup, eye: eyeNetwork(eye) }, workers, player_program);
  try {
    const training = new Training(setting, folder, eye, players, seeing ?? players, events, stopped);
    const report = await training.run();
    if (report !== null) await rm(folder, { recursive: true });
    return report;
  } finally {
    await players.close();
    await seeing?.close();
  }
}

export { trainingFolderOf } from './training_folder.ts';

export function curvesFileOf(out: string): string {
  return `${out.replace(/\.onnx$/, '')}.curves.json`;
}

/** Demonstrations of a folder as the head of a policy is told them. */
function importedBy(recipe: TrainingRecipe, folder: string): Promise<ImportedDemonstrations> {
  return readImported(folder, taughtFeaturesOf(recipe), ACTION.length, recipe);
}

/** The eye of a policy that sees; null for others, and if stopped before it is trained. */
async function eyeOf(
  { recipe, workers, player_program, resume }: TrainingSetting,
  setup: PlayerSetup,
  folder: string,
  events: TrainingEvents,
  stopped: () => boolean,
): Promise<Eye | null> {
  if (recipe.eye === null) return null;
  const kept = resume && (await isThere(eyeFileIn(folder)));
  const players = await Players.start(setup, kept ? 0 : workers, player_program);
  try {
    return await makeEye(recipe, recipe.eye, players, { folder, kept }, events, stopped);
  } finally {
    await players.close();
  }
}

class Training {
  private readonly setting: TrainingSetting;
  private readonly folder: string;
  /** What the network that is trained is told: the state, in whose place an eye may come. */
  private readonly features: readonly ObservedFeature[];
  private readonly eye: Eye | null;
  private readonly players: Players;
  /** Plays what is counted: by what it sees where the policy is to see. */
  private readonly tried_by: Players;
  private readonly events: TrainingEvents;
  private readonly stopped: () => boolean;
  private readonly options: Omit<CloningOptions, 'steps'>;
  private readonly sets: DemonstrationSet[] = [];
  private readonly loss: LossPoint[] = [];
  private readonly success: SuccessPoint[] = [];
  private samples: TrainingSamples | null = null;
  private theta: Float32Array | null = null;
  private steps_done = 0;

  constructor(
    setting: TrainingSetting,
    folder: string,
    eye: Eye | null,
    players: Players,
    tried_by: Players,
    events: TrainingEvents,
    stopped: () => boolean,
  ) {
    const { recipe } = setting;
    this.setting = setting;
    this.folder = folder;
    this.features = taughtFeaturesOf(recipe);
    this.eye = eye;
    this.players = players;
    this.tried_by = tried_by;
    this.events = events;
    this.stopped = stopped;
    const { seed, batch, rate, hidden, chunk } = recipe;
    const shape = { inputs: sizeOf(this.features), hidden, chunk, action: ACTION.length };
    this.options = { shape, seed, batch, rate, threads: 1 };
  }

  async run(): Promise<TrainingReport | null> {
    const before = this.setting.resume ? await this.curvesBefore() : null;
    try {
      for (const segment of segmentsOf(this.setting.recipe)) {
        if (!(await this.gather(segment))) return null;
        if (!(await this.fit(segment, before))) return null;
      }
      return await this.finish();
    } finally {
      await this.samples?.close();
    }
  }

  /** Episodes of a segment: as they were kept, or played now. False if stopped. */
  private async gather(segment: Segment): Promise<boolean> {
    const { index, orders } = segment;
    const source = this.label(segment);
    const file = join(this.folder, `demonstrations-${index}`);
    if (this.setting.resume && (await isThere(file))) {
      this.sets.push(await loadDemonstrations(file, source));
    } else {
      const { imported } = this.setting.recipe;
      const from =
        index === 0 && imported !== undefined
          ? await importedBy(this.setting.recipe, imported.folder)
          : { orders, kept: [] };
      const played = await this.play(from.orders, (done) => this.events.onPlayed?.(segment, done));
      if (played === null) return false;
      const useful = [...from.kept, ...played].filter(({ success }) => success);
      if (useful.length === 0)
        throw new InputError(`${segment.name}: none of ${played.length} episodes succeeded`, 'at least one');
      const features = this.features.map(({ name }) => name);
      const sizes = { observation: this.options.shape.inputs, action: ACTION.length, features };
      this.sets.push(await saveDemonstrations(file, source, useful, sizes));
    }
    this.samples ??= await TrainingSamples.of(this.options.shape, this.sets[0]);
    return true;
  }

  /** Trains on all that there is, from the end of the segment before. False if stopped. */
  private async fit(segment: Segment, before: TrainingCurves | null): Promise<boolean> {
    const { index, steps, tried_at } = segment;
    const { samples, stopped } = this;
    if (samples === null) throw new Error('a segment before there are demonstrations');
    const file = join(this.folder, `checkpoint-${index}`);
    const label = this.label(segment);
    const options: CloningOptions = { ...this.options, seed: this.options.seed + index, steps };
    let start = initialCloningState(options);
    if (this.theta !== null) start = { ...start, theta: this.theta };
    if (before !== null && (await isThere(file))) {
      start = await loadCheckpoint(file, label);
      const kept = (point: { segment: number; step: number }) => point.segment === index && point.step <= start.step;
      this.loss.push(...before.loss.filter(kept));
      this.success.push(...before.success.filter(kept));
    }
    const held_out = () => this.loss.filter((point) => point.segment === index).map((point) => point.held_out);
    const enough = () => stoppingPoint(held_out(), PATIENCE) >= 0;
    let sum = 0;
    let count = 0;
    const keep = async (state: CloningState): Promise<boolean> => {
      const point = {
        segment: index,
        step: state.step,
        training: sum / count,
        held_out: await samples.loss.of(state.theta),
      };
      [sum, count] = [0, 0];
      this.loss.push(point);
      this.events.onLoss?.(segment, point);
      const ends = enough();
      if ((tried_at.includes(state.step) || ends) && !(await this.tryOut(segment, state))) {
        this.loss.pop();
        return true;
      }
      await saveCurves(curvesFileOf(this.setting.out), this.curves(), curvesPage(this.curves()));
      await saveCheckpoint(file, label, state);
      return ends || stopped();
    };
    let state = start;
    if (!(start.step > 0 && enough())) {
      state = await cloneBehaviour(options, start, samples.from(this.sets), (loss, now) => {
        sum += loss;
        count++;
        const due = now.step % POINT_STEPS === 0 || now.step === steps || tried_at.includes(now.step);
        return due ? keep(now) : false;
      });
    }
    this.theta = state.theta;
    this.steps_done += state.step;
    return !stopped();
  }

  /** A point of the success curve. False if stopped. */
  private async tryOut(segment: Segment, { theta, step }: CloningState): Promise<boolean> {
    const { recipe } = this.setting;
    const tried = await this.measure(theta, ordersFor('held_out', recipe, recipe.held_out));
    if (tried === null) return false;
    const point = { segment: segment.index, step, ...tried, wilson95: wilson95(tried.successes, tried.episodes) };
    this.success.push(point);
    this.events.onSuccess?.(segment, point);
    return true;
  }

  private async finish(): Promise<TrainingReport | null> {
    const { recipe, out } = this.setting;
    const { samples, theta, sets } = this;
    if (theta === null || samples === null) throw new Error('a training without segments');
    const tried = await this.measure(theta, ordersFor('final', recipe, recipe.final));
    if (tried === null) return null;
    const trained = { ...this.policy(samples), theta };
    const { policy, difference, seeing } = await exportTrained(recipe, trained, this.eye, samples);
    const manifest = manifestOf(out, policy, {
      ...(seeing === undefined ? {} : { seeing }),
      ...{ recipe, robot: trainedRobot(), features: featuresOf(recipe), action_names: ACTION, sets, tried },
      ...{ rate_hz: DEFAULT_ENVIRONMENT_OPTIONS.policy_hz, steps: this.steps_done },
      command: commandOf(recipe, basename(out)),
    });
    await keepData(out, sets, (k) => join(this.folder, `demonstrations-${k}`));
    await publishPolicy(out, policy, manifest);
    return { manifest, curves: this.curves(), parity: difference };
  }

  private async measure(
    theta: Float32Array,
    orders: readonly EpisodeOrder[],
  ): Promise<{ readonly episodes: number; readonly successes: number } | null> {
    await this.tried_by.use(await this.trained(theta));
    const played = await this.tried_by.play(orders, this.stopped);
    return played === null
      ? null
      : { episodes: played.length, successes: played.filter(({ success }) => success).length };
  }

  private async play(orders: readonly EpisodeOrder[], onEpisode: (done: number) => void) {
    if (this.theta !== null) await this.players.use(await this.trained(this.theta));
    return this.players.play(orders, this.stopped, onEpisode);
  }

  /** The policy of parameters, told the state, as players take it. */
  private async trained(theta: Float32Array): Promise<TrainedPolicy> {
    if (this.samples === null) throw new Error('a policy before there are demonstrations');
    const { model } = await exportPolicy(this.options.shape, theta, new Float32Array(0));
    return { ...this.policy(this.samples), model };
  }

  private policy({ observation, action }: TrainingSamples): Omit<TrainedPolicy, 'model'> {
    const { ensembling_decay } = this.setting.recipe;
    return { network: this.options.shape, observation, action, ensembling_decay };
  }

  /** What a file of a segment is of: all that it depends on. */
  private label({ index, name }: Segment): string {
    return `${JSON.stringify(this.setting.recipe)} ${index} ${name}`;
  }

  private curves(): TrainingCurves {
    return { command: this.command(), loss: this.loss, success: this.success };
  }

  private command(): string {
    const { recipe, out } = this.setting;
    return commandOf(recipe, out);
  }

  private async curvesBefore(): Promise<TrainingCurves | null> {
    const file = curvesFileOf(this.setting.out);
    return (await isThere(file)) ? loadCurves(file, this.command()) : null;
  }
}
