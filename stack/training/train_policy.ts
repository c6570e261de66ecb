import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError, wilson95 } from '../../contracts/index.ts';
import type { ObservedFeature, TaskPolicyManifest } from '../../control/index.ts';
import {
  type ChunkSamples,
  type CloningOptions,
  type CloningState,
  cloneBehaviour,
  cutChunks,
  type Demonstration,
  type DemonstrationSet,
  EYE_CAMERAS,
  EYE_MEMORY,
  type Eye,
  exportPolicy,
  exportSeeingPolicy,
  fitNormalisation,
  HeldOutLoss,
  initialCloningState,
  loadCheckpoint,
  loadDemonstrations,
  MEMORY_INPUT,
  MEMORY_OUTPUT,
  type Normalisation,
  normalise,
  POLICY_PICTURES,
  saveCheckpoint,
  saveDemonstrations,
  stoppingPoint,
  toldNormalisation,
  toldSize,
} from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { checkFeatures, DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions, featureCatalogue } from '../env/index.ts';
import { type LossPoint, loadCurves, type SuccessPoint, saveCurves, type TrainingCurves } from './curves.ts';
import { curvesPage } from './curves_page.ts';
import { keepData } from './data_folder.ts';
import { type ImportedDemonstrations, readImported } from './imported_demonstrations.ts';
import { Players } from './players.ts';
import { manifestOf, publishPolicy } from './publish.ts';
import { checkRecipe, commandOf, STATE_FEATURES, type TrainingRecipe } from './recipe.ts';
import { ordersFor, type Segment, segmentsOf } from './segments.ts';
import type { EpisodeOrder, PlayerSetup } from './thread_messages.ts';
import type { TrainedPolicy } from './trained_policy.ts';
import { eyeNetwork, seenSize } from './vision_seeing.ts';
import { type EyeEvents, eyeFileIn, makeEye, probesOf, VISION_FEATURES } from './vision_training.ts';

const ROBOT = 'panda';
const ACTION = ['dx', 'dy', 'dz', 'dyaw', 'gripper'] as const;
/** Steps between two points of the loss curves, which are where a training can be taken up again. */
const POINT_STEPS = 250;
/** Points without a lower loss on what is held out until a segment ends. */
const PATIENCE = 12;
/** One demonstration of so many is held out. */
const HELD_OUT_SHARE = 10;
const PROBES = 64;
/** Of a policy that sees. */
const SEEING_PROBES = 8;

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
  checkRecipe(setting.recipe);
  const folder = trainingFolderOf(setting.out);
  const there = await stat(folder).catch(() => null);
  if (there !== null && !setting.resume)
    throw new InputError(folder, 'is of a training that was interrupted: go on with --resume, or remove it');
  await mkdir(folder, { recursive: true });
  const { recipe, workers, player_program } = setting;
  const stopped = () => signal?.aborted === true;
  const features = featuresOf(recipe);
  const setup = { environment: environmentOf(recipe), features };
  const eye = await eyeOf(setting, setup, folder, events, stopped);
  if (recipe.eye !== null && eye === null) return null;
  const taught = { ...recipe, eye: null };
  const teaching = { environment: environmentOf(taught), features: featuresOf(taught) };
  const players = await Players.start(teaching, workers, player_program);
  const seeing = eye === null ? null : await Players.start({ ...setup, eye: eyeNetwork(eye) }, workers, player_program);
  try {
    const training = new Training(setting, folder, features, eye, players, seeing ?? players, events, stopped);
    const report = await training.run();
    if (report !== null) await rm(folder, { recursive: true });
    return report;
  } finally {
    await players.close();
    await seeing?.close();
  }
}

export function trainingFolderOf(out: string): string {
  return `${out}.training`;
}

export function curvesFileOf(out: string): string {
  return `${out.replace(/\.onnx$/, '')}.curves.json`;
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
  const players = await Players.start(setup, kept ? 1 : workers, player_program);
  try {
    return await makeEye(recipe, recipe.eye, players, { folder, kept }, events, stopped);
  } finally {
    await players.close();
  }
}

function environmentOf({ task, engine, randomize, disturb, around, eye }: TrainingRecipe): EnvironmentOptions {
  const worlds = { task, engine, randomize, disturb: disturb ?? null, around: around ?? null } as const;
  const world = { ...DEFAULT_ENVIRONMENT_OPTIONS, ...worlds, action: 'ee_delta' } as const;
  if (eye === null) return { ...world, observation: 'state' };
  return { ...world, observation: 'rgbd', image_width: eye.width, image_height: eye.height };
}

function featuresOf({ task, eye }: TrainingRecipe): readonly ObservedFeature[] {
  const catalogue = featureCatalogue(loadRobot(ROBOT), { task, action: 'ee_delta' });
  return (eye === null ? STATE_FEATURES : VISION_FEATURES).map((name) => {
    const feature = catalogue.get(name);
    if (feature === undefined)
      throw new InputError(`feature ${name}`, `task ${task} has ${[...catalogue.keys()].join(', ')}`);
    return { name, size: feature.size, unit: feature.unit };
  });
}

/** What is the same for all segments once the first demonstrations are there. */
interface Scales {
  readonly observation: Normalisation;
  readonly action: Normalisation;
  readonly held_out: ChunkSamples;
  readonly loss: HeldOutLoss;
}

class Training {
  private readonly setting: TrainingSetting;
  private readonly folder: string;
  private readonly features: readonly ObservedFeature[];
  private readonly eye: Eye | null;
  private readonly players: Players;
  /** Plays what is counted: by what it sees where the policy is to see. */
  private readonly tried_by: Players;
  private readonly events: TrainingEvents;
  private readonly stopped: () => boolean;
  private readonly options: Omit<CloningOptions, 'steps'>;
  private readonly observation_size: number;
  private readonly sets: DemonstrationSet[] = [];
  private readonly loss: LossPoint[] = [];
  private readonly success: SuccessPoint[] = [];
  private scales: Scales | null = null;
  private theta: Float32Array | null = null;
  private steps_done = 0;

  constructor(
    setting: TrainingSetting,
    folder: string,
    features: readonly ObservedFeature[],
    eye: Eye | null,
    players: Players,
    tried_by: Players,
    events: TrainingEvents,
    stopped: () => boolean,
  ) {
    const { recipe } = setting;
    this.setting = setting;
    this.folder = folder;
    this.features = features;
    this.eye = eye;
    this.players = players;
    this.tried_by = tried_by;
    this.events = events;
    this.stopped = stopped;
    const told = features.reduce((sum, { size }) => sum + size, 0);
    this.observation_size = eye === null ? told : seenSize(told);
    const { seed, batch, rate, hidden, chunk } = recipe;
    const shape = { inputs: this.observation_size, hidden, chunk, action: ACTION.length };
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
      await this.scales?.loss.close();
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
      const from = index === 0 && imported !== undefined ? await this.imported(imported.folder) : { orders, kept: [] };
      const played = await this.play(from.orders, (done) => this.events.onPlayed?.(segment, done));
      if (played === null) return false;
      const useful = [...from.kept, ...played].filter(({ success }) => success);
      if (useful.length === 0)
        throw new InputError(`${segment.name}: none of ${played.length} episodes succeeded`, 'at least one');
      const features = this.features.map(({ name }) => name);
      const sizes = { observation: this.observation_size, action: ACTION.length, features };
      this.sets.push(await saveDemonstrations(file, source, useful, sizes));
    }
    this.scales ??= await this.scale(this.sets[0].demonstrations);
    return true;
  }

  private imported(folder: string): Promise<ImportedDemonstrations> {
    return readImported(folder, this.features, ACTION.length);
  }

  /** Trains on all that there is, from the end of the segment before. False if stopped. */
  private async fit(segment: Segment, before: TrainingCurves | null): Promise<boolean> {
    const { index, steps, tried_at } = segment;
    const { scales, stopped } = this;
    if (scales === null) throw new Error('a segment before there are demonstrations');
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
        held_out: await scales.loss.of(state.theta),
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
      state = await cloneBehaviour(options, start, this.samples(), (loss, now) => {
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
    const { scales, theta, features, sets } = this;
    if (theta === null || scales === null) throw new Error('a training without segments');
    const tried = await this.measure(theta, ordersFor('final', recipe, recipe.final));
    if (tried === null) return null;
    const { policy, difference, seeing } = await this.exported(theta, scales);
    const manifest = manifestOf(out, policy, {
      ...(seeing === undefined ? {} : { seeing }),
      ...{ recipe, robot: loadRobot(ROBOT), features, action_names: ACTION, sets, tried },
      ...{ rate_hz: DEFAULT_ENVIRONMENT_OPTIONS.policy_hz, steps: this.steps_done },
      command: commandOf(recipe, basename(out)),
    });
    await keepData(out, sets, (k) => join(this.folder, `demonstrations-${k}`));
    await publishPolicy(out, policy, manifest);
    return { manifest, curves: this.curves(), parity: difference };
  }

  /** The policy as it is published: what it is told, and its network. */
  private async exported(theta: Float32Array, scales: Scales) {
    const { eye, options, features } = this;
    const network = options.shape;
    if (eye === null) {
      const probes = scales.held_out.x.subarray(0, Math.min(PROBES, scales.held_out.count) * network.inputs);
      const { model, difference } = await exportPolicy(network, theta, probes);
      return { policy: this.policyOf(model), difference };
    }
    const { recipe } = this.setting;
    const catalogue = featureCatalogue(loadRobot(ROBOT), { task: recipe.task, action: 'ee_delta' });
    const known = checkFeatures(features, catalogue, 'the policy in training');
    const probes = await probesOf(environmentOf(recipe), known, eye, SEEING_PROBES, recipe.seed);
    const seeing = { eye, network, theta, observation: scales.observation };
    const { model, difference } = await exportSeeingPolicy(seeing, probes);
    const told = { ...network, inputs: toldSize(seeing) };
    const { width, height } = eye.shape;
    return {
      policy: { ...this.policyOf(model), network: told, observation: toldNormalisation(seeing) },
      difference,
      seeing: {
        images: { name: POLICY_PICTURES, cameras: [...EYE_CAMERAS], width, height, channels: 4 as const },
        memory: { input: MEMORY_INPUT, output: MEMORY_OUTPUT, size: EYE_MEMORY },
      },
    };
  }

  private async measure(
    theta: Float32Array,
    orders: readonly EpisodeOrder[],
  ): Promise<{ readonly episodes: number; readonly successes: number } | null> {
    const { model } = await exportPolicy(this.options.shape, theta, new Float32Array(0));
    await this.tried_by.use(this.policyOf(model));
    const played = await this.tried_by.play(orders, this.stopped);
    return played === null
      ? null
      : { episodes: played.length, successes: played.filter(({ success }) => success).length };
  }

  private async play(orders: readonly EpisodeOrder[], onEpisode: (done: number) => void) {
    if (this.theta !== null) {
      const { model } = await exportPolicy(this.options.shape, this.theta, new Float32Array(0));
      await this.players.use(this.policyOf(model));
    }
    return this.players.play(orders, this.stopped, onEpisode);
  }

  private policyOf(model: Uint8Array): TrainedPolicy {
    const { scales, options, setting } = this;
    if (scales === null) throw new Error('a policy before there are demonstrations');
    const { observation, action } = scales;
    return { model, network: options.shape, observation, action, ensembling_decay: setting.recipe.ensembling_decay };
  }

  private async scale(demonstrations: readonly Demonstration[]): Promise<Scales> {
    const own = demonstrations.filter((_, i) => !isHeldOut(i));
    const rest = demonstrations.filter((_, i) => isHeldOut(i));
    const observation = fitNormalisation(own, 'observations', this.observation_size);
    const action = fitNormalisation(own, 'actions', ACTION.length);
    const held_out = cutChunks(rest.length > 0 ? rest : own, this.layout());
    normalise(held_out, observation, action);
    return { observation, action, held_out, loss: await HeldOutLoss.open(this.options.shape, held_out, 1) };
  }

  private samples(): ChunkSamples {
    const { scales, sets } = this;
    if (scales === null) throw new Error('samples before there are demonstrations');
    const all = sets.flatMap(({ demonstrations }, k) => demonstrations.filter((_, i) => k > 0 || !isHeldOut(i)));
    const samples = cutChunks(all, this.layout());
    normalise(samples, scales.observation, scales.action);
    return samples;
  }

  private layout() {
    const { chunk } = this.setting.recipe;
    return { observation: this.observation_size, action: ACTION.length, history: 1, chunk, gripper: ACTION.length - 1 };
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

function isHeldOut(demonstration: number): boolean {
  return demonstration % HELD_OUT_SHARE === HELD_OUT_SHARE - 1;
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
