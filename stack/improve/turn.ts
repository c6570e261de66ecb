import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type Demonstration, type DemonstrationSet, saveDemonstrations } from '../../learning/index.ts';
import {
  type Evaluation,
  evaluatePolicy,
  installPolicy,
  judgeOnSuites,
  openPolicy,
  type PolicyScore,
  type Suite,
  type SuiteVerdict,
} from '../learned/index.ts';
import { manifestFileOf, readTaskPolicy } from '../policies/task_policy_file.ts';
import { dataFileIn, dataFolderOf } from '../training/data_folder.ts';
import type { Players } from '../training/players.ts';
import { publishPolicy } from '../training/publish.ts';
import { type CanaryReport, flyCanary } from './canary.ts';
import { candidateManifest } from './candidate.ts';
import { type Corrections, gatherCorrections, loadCorrections, saveCorrections } from './corrections.ts';
import type { SetFacts, TurnHistory } from './history.ts';
import { type Improvable, type ImproveRecipe, worldsOf } from './recipe.ts';
import type { ImproveRecord, Side, WatchFacts } from './record.ts';
import { type Retrained, retrain } from './retrain.ts';
import { type ScreenedSets, screenSets } from './screen_sets.ts';

/** Worlds whose corrections are kept together: what an interruption loses, at most. */
const BLOCK = 20;
/** Episodes of the expert that data is held to. */
const TRUSTED = 24;
/** Share of the joints' speeds that a candidate has in its trial run. */
const CANARY_LIMITS = 0.8;

export interface ImproveSetting {
  readonly recipe: ImproveRecipe;
  /** NAME.onnx, which a better one takes the place of. */
  readonly file: string;
  /** Files of demonstrations that others made, to learn from as well. */
  readonly offered: readonly string[];
  /** The regression gate; may be empty. */
  readonly suites: readonly Suite[];
  /** Threads; 0 plays the policy in this one, and the expert in one more. */
  readonly workers: number;
  readonly resume: boolean;
  /** Programs of the threads that play; as built, by default. */
  readonly programs?: { readonly player: string; readonly rollout: string };
}

export type ImprovePhase = 'watch' | 'train' | 'judge' | 'canary';

export interface ImproveEvents {
  onProgress?(phase: ImprovePhase, done: number, of: number, detail: string): void;
}

interface TurnParts {
  readonly setting: ImproveSetting;
  readonly policy: Improvable;
  readonly history: TurnHistory;
  readonly command: string;
  readonly players: Players;
  readonly events: ImproveEvents;
  readonly signal: AbortSignal | undefined;
}

/** What is known once a candidate has been judged. */
type Judged = Pick<
  ImproveRecord,
  'candidate' | 'before' | 'after' | 'comparison' | 'suites' | 'canary' | 'promoted' | 'reason'
>;

const NOTHING_JUDGED: Omit<Judged, 'reason'> = {
  ...{ candidate: null, before: null, after: null, comparison: null, suites: null, canary: null, promoted: false },
};

/** The phases of a turn, one after the other; each says null where it was interrupted. */
export class Turn {
  private readonly parts: TurnParts;
  private readonly number: number;
  private readonly working: string;
  private readonly data: string;
  private readonly stopped: () => boolean;

  constructor(parts: TurnParts) {
    this.parts = parts;
    this.number = parts.history.next;
    this.working = parts.history.working;
    this.data = dataFolderOf(parts.setting.file);
    this.stopped = () => parts.signal?.aborted === true;
  }

  /** @param sets  of all turns and sources before */
  async run(sets: readonly DemonstrationSet[]): Promise<ImproveRecord | null> {
    const { setting, policy, command } = this.parts;
    const blocks = await this.watch();
    if (blocks === null) return null;
    const corrections = await this.keepCorrections(blocks);
    const screened = await this.screen(corrections === null ? sets : [...sets, corrections]);
    if (screened === null) return null;
    const data = await this.keepAccepted(screened.sets);
    const judged =
      corrections === null && setting.offered.length === 0
        ? {
            ...NOTHING_JUDGED,
            reason: 'nothing to learn from: no failed episode that the expert could mend, no other data',
          }
        : await this.candidate(data);
    if (judged === null) return null;
    const { refused, sources } = screened.screening;
    const record = {
      ...{ turn: this.number, command, recipe: setting.recipe },
      policy: { file: setting.file, sha256: policy.model.manifest.sha256 },
      ...{ watched: factsOf(blocks), corrections: corrections === null ? null : factsOfSet(corrections) },
      ...{ data: data.map(factsOfSet), refused, sources, ...judged },
    };
    await this.tidy(blocks.length);
    return record;
  }

  /** The policy in its worlds, block by block; blocks that were kept are not played again. */
  private async watch(): Promise<readonly Corrections[] | null> {
    const { setting, policy, players, signal } = this.parts;
    const { recipe, workers, programs } = setting;
    const { worlds } = recipe;
    const { seed, first } = worldsOf('watched', recipe, this.number);
    const blocks: Corrections[] = [];
    let done = 0;
    for (let at = 0; at < worlds; at += BLOCK) {
      const file = join(this.working, `block-${blocks.length}`);
      const source = `${this.label()} worlds ${seed}/${first + at}`;
      const episodes = Math.min(BLOCK, worlds - at);
      let block = await loadCorrections(file, source);
      if (block === null) {
        const order = { policy, recipe, seed, first: first + at, episodes, workers };
        const program = programs === undefined ? {} : { rollout_program: programs.rollout };
        const told = () => this.tell('watch', ++done, worlds, 'worlds');
        block = await gatherCorrections({ ...order, ...program }, players, told, signal);
        if (block === null) return null;
        await saveCorrections(file, source, block, policy.sizes);
      }
      blocks.push(block);
      done = at + episodes;
    }
    return blocks;
  }

  private async keepCorrections(blocks: readonly Corrections[]): Promise<DemonstrationSet | null> {
    const demonstrations = blocks.flatMap((block) => block.demonstrations);
    return demonstrations.length === 0
      ? null
      : this.keepSet(`corrections of turn ${this.number} of ${this.parent()}`, demonstrations);
  }

  /** All data held to itself and to the expert. */
  private async screen(sets: readonly DemonstrationSet[]): Promise<ScreenedSets | null> {
    const { policy, players, setting } = this.parts;
    const { seed } = worldsOf('trusted', setting.recipe, 0);
    const orders = Array.from({ length: TRUSTED }, (_, episode) => ({ driver: 'expert', seed, episode }) as const);
    const trusted = await players.play(orders, this.stopped);
    return trusted === null ? null : screenSets(trusted, sets, policy);
  }

  /** The sets as they were if all of them was accepted, or what was accepted as a set of its own. */
  private async keepAccepted(sets: ScreenedSets['sets']): Promise<readonly DemonstrationSet[]> {
    const kept: DemonstrationSet[] = [];
    for (const { source, demonstrations } of sets) {
      if (demonstrations.length > 0) kept.push(await this.keepSet(source, demonstrations));
    }
    if (kept.length === 0) throw new InputError('all data was refused', 'some that nothing speaks against');
    return kept;
  }

  private async keepSet(source: string, demonstrations: readonly Demonstration[]): Promise<DemonstrationSet> {
    const part = join(this.working, 'set');
    const set = await saveDemonstrations(part, source, demonstrations, this.parts.policy.sizes);
    await mkdir(this.data, { recursive: true });
    await copyFile(part, dataFileIn(this.data, set.sha256));
    await rm(part);
    return set;
  }

  private async candidate(data: readonly DemonstrationSet[]): Promise<Judged | null> {
    const { setting } = this.parts;
    const trained = await this.train(data);
    if (trained === null) return null;
    const file = join(this.working, basename(setting.file));
    const evaluation = await this.judge(file, trained, data);
    if (evaluation === null) return null;
    const { comparison, score, against } = evaluation;
    if (comparison === null || against === null) throw new Error('a candidate judged without a policy beside it');
    const sha256 = evaluation.score.model_sha256 ?? '';
    const found = {
      ...{ candidate: { file, sha256 }, before: sideOf(against), after: sideOf(score), comparison },
      ...{ suites: null, canary: null, promoted: false },
    };
    const [least] = comparison.interval;
    if (!(least > 0))
      return { ...found, reason: `not shown to be better: the difference is at least ${least.toFixed(3)}` };
    const suites = setting.suites.length === 0 ? null : await this.suites(file);
    if (this.stopped()) return null;
    if (suites?.promoted === false) return { ...found, suites, reason: suites.reason };
    const canary = setting.recipe.canary === 0 ? null : await this.canary(file, against.success_rate);
    if (this.stopped()) return null;
    if (canary?.outcome === 'rolled back') return { ...found, suites, canary, reason: `rolled back: ${canary.reason}` };
    await this.install(file);
    return { ...found, suites, canary, promoted: true, reason: `better by at least ${least.toFixed(3)}` };
  }

  private train(data: readonly DemonstrationSet[]): Promise<Retrained | null> {
    const { policy, setting } = this.parts;
    const { history, chunk, ensembling_decay } = policy.model.manifest;
    const { hidden, seed, steps, batch, rate } = setting.recipe;
    return retrain(
      {
        demonstrations: data.flatMap(({ demonstrations }) => demonstrations),
        ...{ sizes: policy.sizes, history, chunk, ensembling_decay, hidden, seed, steps, batch, rate },
        checkpoint: join(this.working, 'checkpoint'),
        label: `${this.label()} on ${data.map(({ sha256 }) => sha256).join(' ')}`,
      },
      (step, held_out) => this.tell('train', step, steps, `loss held out ${held_out.toFixed(4)}`),
      this.stopped,
    );
  }

  /** Candidate and policy on the same worlds; writes the candidate with what was found. */
  private async judge(
    file: string,
    { policy, steps }: Retrained,
    data: readonly DemonstrationSet[],
  ): Promise<Evaluation | null> {
    const { setting, command, signal } = this.parts;
    const { recipe } = setting;
    const { seed, first } = worldsOf('judged', recipe, this.number);
    const facts = { turn: this.number, recipe, command, data, steps };
    const { model } = this.parts.policy;
    await publishPolicy(file, policy, candidateManifest(file, model.manifest, policy, facts, null));
    let done = 0;
    const told = () => this.tell('judge', ++done, 2 * recipe.judged, 'worlds');
    const evaluation = await evaluatePolicy(
      {
        policy: this.open(file, seed, told),
        against: this.open(setting.file, seed, told),
        ...{ first, episodes: recipe.judged, until_decided: null },
      },
      signal,
    );
    if (evaluation.interrupted) return null;
    await publishPolicy(file, policy, candidateManifest(file, model.manifest, policy, facts, evaluation.score));
    return evaluation;
  }

  private async suites(file: string): Promise<SuiteVerdict | null> {
    const { setting, policy, signal } = this.parts;
    const name = setting.file.replace(/\.onnx$/, '');
    const worlds = { task: policy.environment.task, model: '', workers: setting.workers };
    return judgeOnSuites({ file, name, suites: setting.suites, setting: worlds }, signal).catch((error: unknown) => {
      if (this.stopped()) return null;
      throw error;
    });
  }

  private canary(file: string, rate: number): Promise<CanaryReport | null> {
    const { setting, signal } = this.parts;
    const { recipe } = setting;
    const { seed, first } = worldsOf('canary', recipe, this.number);
    const candidate = this.open(file, seed, () => {}, CANARY_LIMITS);
    const current = this.open(setting.file, seed, () => {});
    return flyCanary(
      { candidate, current, first, episodes: recipe.canary, rate },
      (done) => this.tell('canary', done, recipe.canary, 'episodes'),
      signal,
    );
  }

  /** The candidate under the policy's name; the policy stays in the turn's folder, for going back. */
  private async install(file: string): Promise<void> {
    const { setting } = this.parts;
    const previous = join(this.working, 'previous.onnx');
    await copyFile(setting.file, previous);
    await copyFile(manifestFileOf(setting.file), manifestFileOf(previous));
    installPolicy(readTaskPolicy(file), setting.file);
  }

  private open(file: string, seed: number, told: () => void, limits = 1) {
    const { setting, policy } = this.parts;
    const { task, engine, randomize, objects, second_world } = policy.environment;
    const worlds = { task, engine, randomize, objects, second_world, seed, limits };
    return openPolicy(`onnx:${file}`, { ...worlds, model: '', workers: setting.workers, pictures: null }, told);
  }

  private async tidy(blocks: number): Promise<void> {
    const names = Array.from({ length: blocks }, (_, k) => [`block-${k}`, `block-${k}.json`]).flat();
    for (const name of [...names, 'checkpoint']) await rm(join(this.working, name), { force: true });
  }

  /** What files of this turn are of. */
  private label(): string {
    return `turn ${this.number} of ${this.parent()}: ${this.parts.command}`;
  }

  private parent(): string {
    return this.parts.policy.model.manifest.sha256.slice(0, 12);
  }

  private tell(phase: ImprovePhase, done: number, of: number, detail: string): void {
    this.parts.events.onProgress?.(phase, done, of, detail);
  }
}

function factsOf(blocks: readonly Corrections[]): WatchFacts {
  const all = blocks.flatMap(({ watched }) => watched);
  const stages: Record<string, number> = {};
  for (const { success, stage } of all) if (!success) stages[stage] = (stages[stage] ?? 0) + 1;
  return {
    ...{ episodes: all.length, successes: all.filter(({ success }) => success).length, stages },
    with_interventions: all.filter(({ interventions }) => interventions > 0).length,
    shown: blocks.reduce((sum, { shown }) => sum + shown, 0),
  };
}

function factsOfSet({ source, sha256, demonstrations }: DemonstrationSet): SetFacts {
  return { source, sha256, episodes: demonstrations.length };
}

function sideOf({ failures: _, ...rest }: PolicyScore): Side {
  return rest;
}
