import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { wilson95 } from '../../contracts/index.ts';
import type { TaskPolicyManifest } from '../../control/index.ts';
import {
  comparePaired,
  type DemonstrationSet,
  exportPolicy,
  loadCheckpoint,
  loadDemonstrations,
  type PairedComparison,
  regressOnAdvantages,
  saveCheckpoint,
  saveDemonstrations,
} from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/index.ts';
import { loadCurves, type SuccessPoint, saveCurves, type TrainingCurves } from './curves.ts';
import { curvesPage } from './curves_page.ts';
import { dataFileIn, dataFolderOf, keepData } from './data_folder.ts';
import { type FineTunable, readFineTunable } from './fine_tunable.ts';
import { type FineTuningRecipe, fineTuningCommand } from './fine_tuning_recipe.ts';
import { Players } from './players.ts';
import { manifestOf, publishPolicy } from './publish.ts';
import { explorations, ordersFor } from './segments.ts';
import { curvesFileOf } from './train_policy.ts';
import { isThere, openTrainingFolder, trainingFolderOf } from './training_folder.ts';

const PROBES = 64;
const NO_PROBES = new Float32Array(0);
/** Greatest learning rate of the value function. */
const VALUE_RATE = 1e-3;

export interface FineTuningSetting {
  readonly recipe: FineTuningRecipe;
  /** The policy's file to begin with, and the one to write. */
  readonly from: string;
  readonly out: string;
  readonly workers: number;
  /** Whether to go on after the last whole round of one that was interrupted. */
  readonly resume: boolean;
  /** Of the threads that play; beside this file, as built, by default. */
  readonly player_program?: string;
}

export interface FineTuningEvents {
  onPlayed?(round: number, done: number, of: number): void;
  onStep?(round: number, step: number): void;
  /** Round 0 is the policy that it began with; `explained` is the share of the returns that the values tell. */
  onRound?(round: number, point: SuccessPoint, explained: number | null): void;
}

export interface FineTuningReport {
  /** Null if no round was better than what it began with: nothing was written then. */
  readonly manifest: TaskPolicyManifest | null;
  readonly curves: TrainingCurves;
  /** The best round's policy against the one that it began with, on the same worlds that neither has seen. */
  readonly comparison: PairedComparison | null;
  /** Greatest difference of the export from the trainer on probes. */
  readonly parity: number | null;
}

/**
 * Fine-tunes a state policy by reinforcement: it plays with noise, and learns what turned out better than it expected.
 * Equal recipes and policies give equal bytes for any number of workers, interrupted between rounds or not.
 *
 * @returns null if `signal` ended it; it can be taken up again with `resume`
 * @throws InputError before anything is written if the policy cannot be fine-tuned, or a folder is in the way
 */
export async function fineTunePolicy(
  setting: FineTuningSetting,
  events: FineTuningEvents = {},
  signal?: AbortSignal,
): Promise<FineTuningReport | null> {
  const { recipe, from, out, resume } = setting;
  const parent = await readFineTunable(from);
  const folder = await openTrainingFolder(out, resume);
  const { engine, randomize, disturb, around } = recipe;
  const worlds = { engine, randomize, disturb: disturb ?? null, around: around ?? null } as const;
  const environment = { ...DEFAULT_ENVIRONMENT_OPTIONS, ...parent.environment, ...worlds };
  const setup = { environment, features: parent.manifest.observation };
  const players = await Players.start(setup, setting.workers, setting.player_program);
  try {
    const report = await new FineTuning(setting, parent, players, events, () => signal?.aborted === true).run();
    if (report !== null) await rm(folder, { recursive: true });
    return report;
  } finally {
    await players.close();
  }
}

class FineTuning {
  private readonly setting: FineTuningSetting;
  private readonly parent: FineTunable;
  private readonly players: Players;
  private readonly events: FineTuningEvents;
  private readonly stopped: () => boolean;
  private readonly folder: string;
  private readonly command: string;
  private readonly success: SuccessPoint[] = [];

  constructor(
    setting: FineTuningSetting,
    parent: FineTunable,
    players: Players,
    events: FineTuningEvents,
    stopped: () => boolean,
  ) {
    this.setting = setting;
    this.parent = parent;
    this.players = players;
    this.events = events;
    this.stopped = stopped;
    this.folder = trainingFolderOf(setting.out);
    this.command = fineTuningCommand(setting.recipe, basename(setting.from), basename(setting.out));
  }

  async run(): Promise<FineTuningReport | null> {
    const { recipe } = this.setting;
    const before = await this.curvesBefore();
    const sets: DemonstrationSet[] = [...this.parent.sets];
    const rounds: Float32Array[] = [this.parent.theta];
    if (!(await this.tryOut(0, this.parent.theta, null, before))) return null;
    for (let round = 1; round <= recipe.rounds; round++) {
      const set = await this.explore(round, rounds[round - 1]);
      if (set === null) return null;
      sets.push(set);
      const learnt = await this.learn(round, rounds[round - 1], sets);
      if (learnt === null || !(await this.tryOut(round, learnt.theta, learnt.explained, before))) return null;
      rounds.push(learnt.theta);
    }
    return this.finish(rounds, sets);
  }

  /** Episodes of a round: as they were kept, or played now. Null if stopped. */
  private async explore(round: number, theta: Float32Array): Promise<DemonstrationSet | null> {
    const { recipe, resume } = this.setting;
    const file = this.fileOf(round);
    const source = `${this.command} round ${round} from ${this.parent.manifest.sha256}`;
    if (resume && (await isThere(file))) return loadDemonstrations(file, source);
    const count = recipe.episodes_per_round;
    const orders = explorations(recipe, recipe.exploration, count, (round - 1) * count);
    await this.drive(theta);
    const played = await this.players.play(orders, this.stopped, (done) => this.events.onPlayed?.(round, done, count));
    return played === null ? null : saveDemonstrations(file, source, played, this.parent.sizes);
  }

  private async learn(
    round: number,
    theta: Float32Array,
    sets: readonly DemonstrationSet[],
  ): Promise<{ readonly theta: Float32Array; readonly explained: number | null } | null> {
    const { recipe, resume } = this.setting;
    const { network, observation, action } = this.parent.policy;
    const file = join(this.folder, `checkpoint-${round}`);
    const label = `${this.command} round ${round}`;
    if (resume && (await isThere(file))) return { theta: (await loadCheckpoint(file, label)).theta, explained: null };
    const { batch, rate, discount, temperature, value_hidden, value_steps } = recipe;
    const { state, explained } = await regressOnAdvantages(
      {
        ...{ shape: network, observation, action, discount, temperature, batch, rate, threads: 1 },
        ...{ seed: recipe.seed + round, steps: recipe.round_steps },
        value: { hidden: value_hidden, steps: value_steps, rate: VALUE_RATE },
      },
      theta,
      sets.flatMap(({ demonstrations }) => demonstrations),
      (_, { step }) => {
        this.events.onStep?.(round, step);
        return this.stopped();
      },
    );
    if (this.stopped()) return null;
    await saveCheckpoint(file, label, state);
    return { theta: state.theta, explained };
  }

  /** A point of the success curve, without noise. False if stopped. */
  private async tryOut(
    round: number,
    theta: Float32Array,
    explained: number | null,
    before: TrainingCurves | null,
  ): Promise<boolean> {
    const { recipe, out } = this.setting;
    let point = before?.success.find(({ segment }) => segment === round);
    if (point === undefined) {
      const played = await this.measure(theta, ordersFor('held_out', recipe, recipe.held_out));
      if (played === null) return false;
      const successes = played.filter(Boolean).length;
      const episodes = played.length;
      const step = round === 0 ? 0 : recipe.round_steps;
      point = { segment: round, step, episodes, successes, wilson95: wilson95(successes, episodes) };
    }
    this.success.push(point);
    this.events.onRound?.(round, point, explained);
    await saveCurves(curvesFileOf(out), this.curves(), curvesPage(this.curves()));
    return true;
  }

  private async finish(
    rounds: readonly Float32Array[],
    sets: readonly DemonstrationSet[],
  ): Promise<FineTuningReport | null> {
    const { recipe, out } = this.setting;
    const { parent, command } = this;
    const best = bestRound(this.success);
    if (best === 0) return { manifest: null, curves: this.curves(), comparison: null, parity: null };
    const worlds = ordersFor('final', recipe, recipe.final);
    const after = await this.measure(rounds[best], worlds);
    const before = await this.measure(parent.theta, worlds);
    if (after === null || before === null) return null;
    const used = sets.slice(0, parent.sets.length + best);
    const { model, difference } = await exportPolicy(parent.policy.network, rounds[best], this.probes(used));
    const policy = { ...parent.policy, model };
    const tried = { episodes: after.length, successes: after.filter(Boolean).length };
    const { sha256, version_of_policy } = parent.manifest;
    const manifest = manifestOf(out, policy, {
      recipe: { ...recipe, task: parent.environment.task, method: 'advantage-weighted regression' },
      ...{ robot: loadRobot(parent.manifest.robot), features: parent.manifest.observation, command, sets: used, tried },
      ...{ action_names: parent.manifest.action.names, rate_hz: parent.manifest.rate_hz },
      steps: best * recipe.round_steps,
      lineage: {
        ...{ turn: best, seeds: { training: recipe.seed } },
        parents: [{ version_of_policy, sha256 }, ...(parent.manifest.lineage?.parents ?? [])],
      },
    });
    await keepData(out, used, (k) =>
      k < parent.sets.length
        ? dataFileIn(dataFolderOf(this.setting.from), used[k].sha256)
        : this.fileOf(k - parent.sets.length + 1),
    );
    await publishPolicy(out, policy, manifest);
    return { manifest, curves: this.curves(), comparison: comparePaired(after, before), parity: difference };
  }

  private async measure(
    theta: Float32Array,
    orders: Parameters<Players['play']>[0],
  ): Promise<readonly boolean[] | null> {
    await this.drive(theta);
    const played = await this.players.play(orders, this.stopped);
    return played === null ? null : played.map(({ success }) => success);
  }

  private async drive(theta: Float32Array): Promise<void> {
    await this.players.use({ ...this.parent.policy, model: await this.modelOf(theta) });
  }

  private async modelOf(theta: Float32Array): Promise<Uint8Array> {
    return (await exportPolicy(this.parent.policy.network, theta, NO_PROBES)).model;
  }

  /** The first observations of the last set, normalised. */
  private probes(sets: readonly DemonstrationSet[]): Float32Array {
    const { inputs } = this.parent.policy.network;
    const { mean, scale } = this.parent.policy.observation;
    const rows = sets[sets.length - 1].demonstrations[0].observations.subarray(0, PROBES * inputs);
    return rows.map((value, i) => (value - mean[i % inputs]) / scale[i % inputs]);
  }

  private fileOf(round: number): string {
    return join(this.folder, `episodes-${round}`);
  }

  private curves(): TrainingCurves {
    return { command: this.command, loss: [], success: this.success };
  }

  private async curvesBefore(): Promise<TrainingCurves | null> {
    const file = curvesFileOf(this.setting.out);
    return this.setting.resume && (await isThere(file)) ? loadCurves(file, this.command) : null;
  }
}

/** The first of the rounds with most successes. */
function bestRound(success: readonly SuccessPoint[]): number {
  return success.reduce((best, { successes }, round) => (successes > success[best].successes ? round : best), 0);
}
