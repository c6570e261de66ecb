import { basename, join } from 'node:path';
import type { DemonstrationSet } from '../../learning/index.ts';
import {
  judgeOnSuites,
  openPolicy,
  type PlayedPolicy,
  type PolicyScore,
  type Suite,
  type SuiteVerdict,
  scoreOf,
} from '../learned/index.ts';
import { publishPolicy } from '../training/publish.ts';
import { type CanaryReport, flyCanary } from './canary.ts';
import { candidateManifest } from './candidate.ts';
import { type ComparedScores, compareUntilDecided } from './compare_until_decided.ts';
import type { Trials } from './judge.ts';
import { type Improvable, type ImproveRecipe, worldsOf } from './recipe.ts';
import type { Retrained } from './retrain.ts';

/** Share of the joints' speeds and accelerations that a candidate has in its trial run. */
const CANARY_LIMITS = 0.8;
/** Fresh worlds of the figure in a candidate's manifest. */
const SCORED = 100;

export type TrialPhase = 'judge' | 'canary';

export interface TrialSetting {
  readonly recipe: ImproveRecipe;
  readonly policy: Improvable;
  /** The policy, and the folder of the turn, where the candidate is written. */
  readonly file: string;
  readonly working: string;
  readonly turn: number;
  readonly command: string;
  readonly suites: readonly Suite[];
  readonly workers: number;
  readonly tell: (phase: TrialPhase, done: number, of: number, detail: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** The trials of a candidate in its file, which is written with what is known of it. */
export class CandidateTrials implements Trials {
  readonly file: string;
  readonly gate: (() => Promise<SuiteVerdict | null>) | null;
  readonly fly: ((rate: number) => Promise<CanaryReport | null>) | null;
  private readonly setting: TrialSetting;
  private readonly trained: Retrained;
  private readonly data: readonly DemonstrationSet[];

  constructor(setting: TrialSetting, trained: Retrained, data: readonly DemonstrationSet[]) {
    const { suites, recipe, working, file } = setting;
    this.setting = setting;
    this.trained = trained;
    this.data = data;
    this.file = join(working, basename(file));
    this.gate = suites.length === 0 ? null : () => this.playSuites();
    this.fly = recipe.canary === 0 ? null : (rate) => this.flyCanary(rate);
  }

  /** Writes the candidate; its hash. */
  async publish(score: PolicyScore | null = null): Promise<string> {
    const { turn, recipe, command, policy } = this.setting;
    const facts = { turn, recipe, command, data: this.data, steps: this.trained.steps };
    const manifest = candidateManifest(this.file, policy.model.manifest, this.trained.policy, facts, score);
    await publishPolicy(this.file, this.trained.policy, manifest);
    return manifest.sha256;
  }

  compare(): Promise<ComparedScores | null> {
    const { recipe, turn, file, tell, signal } = this.setting;
    const { seed, first } = worldsOf('judged', recipe, turn);
    const [candidate, current] = [this.open(this.file, seed), this.open(file, seed)];
    const told = (done: number) => tell('judge', done, recipe.judged, 'worlds');
    return compareUntilDecided({ candidate, current, first, worlds: recipe.judged }, told, signal);
  }

  async score(): Promise<PolicyScore | null> {
    const { recipe, turn, signal } = this.setting;
    const { seed, first } = worldsOf('scored', recipe, turn);
    const candidate = this.open(this.file, seed);
    const played = await candidate.play(first, SCORED, signal);
    if (played.length < SCORED) return null;
    const score = scoreOf(candidate, played);
    await this.publish(score);
    return score;
  }

  private playSuites(): Promise<SuiteVerdict | null> {
    const { suites, policy, workers, signal, file } = this.setting;
    const worlds = { task: policy.environment.task, model: '', workers };
    const name = file.replace(/\.onnx$/, '');
    return judgeOnSuites({ file: this.file, name, suites, setting: worlds }, signal).catch((error: unknown) => {
      if (signal?.aborted === true) return null;
      throw error;
    });
  }

  private flyCanary(rate: number): Promise<CanaryReport | null> {
    const { recipe, turn, file, tell, signal } = this.setting;
    const { seed, first } = worldsOf('canary', recipe, turn);
    const [candidate, current] = [this.open(this.file, seed, CANARY_LIMITS), this.open(file, seed)];
    const told = (done: number) => tell('canary', done, recipe.canary, 'episodes');
    return flyCanary({ candidate, current, first, episodes: recipe.canary, rate }, told, signal);
  }

  private open(file: string, seed: number, limits = 1): PlayedPolicy {
    const { policy, workers } = this.setting;
    const { task, engine, randomize, objects, second_world } = policy.environment;
    const worlds = { task, engine, randomize, objects, second_world, seed, limits };
    return openPolicy(`onnx:${file}`, { ...worlds, model: '', workers, pictures: null }, () => {});
  }
}
