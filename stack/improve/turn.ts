import type { DemonstrationSet } from '../../learning/index.ts';
import type { Suite } from '../learned/index.ts';
import type { Players } from '../training/players.ts';
import { CandidateTrials, type TrialPhase } from './candidate_trials.ts';
import type { Corrections } from './corrections.ts';
import type { TurnHistory } from './history.ts';
import { judgeCandidate } from './judge.ts';
import type { Improvable, ImproveRecipe } from './recipe.ts';
import type { ImproveRecord, Judged, SetFacts } from './record.ts';
import { checkpointIn, type Retrained, retrain } from './retrain.ts';
import { TurnData } from './turn_data.ts';
import { watchFacts, watchPolicy } from './watch.ts';

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
  /** Program of the threads in which the expert plays; as built, by default. */
  readonly player_program?: string;
}

export type ImprovePhase = 'watch' | 'train' | TrialPhase | 'settle';

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

const NOTHING_LEARNED: Judged = {
  ...{ candidate: null, before: null, after: null, comparison: null, verdict: null, scored: null, suites: null },
  ...{ canary: null, promoted: false },
  reason: 'nothing to learn from: no episode that the expert could go on with, no other data',
};

/** The phases of a turn until it is decided, one after the other; each says null where it was interrupted. */
export class Turn {
  private readonly parts: TurnParts;
  private readonly number: number;
  private readonly working: string;
  private readonly data: TurnData;
  private readonly stopped: () => boolean;

  constructor(parts: TurnParts) {
    this.parts = parts;
    this.number = parts.history.next;
    this.working = parts.history.working;
    this.data = new TurnData(parts.setting.file, this.working, parts.policy);
    this.stopped = () => parts.signal?.aborted === true;
  }

  /** @param sets  of all turns and sources before */
  async run(sets: readonly DemonstrationSet[]): Promise<ImproveRecord | null> {
    const { setting, policy, command, players } = this.parts;
    const blocks = await this.watch();
    if (blocks === null) return null;
    const corrections = await this.keepCorrections(blocks);
    const all = corrections === null ? sets : [...sets, corrections];
    const screened = await this.data.screen(all, setting.recipe, players, this.stopped);
    if (screened === null) return null;
    const data = await this.data.keepAccepted(screened.sets);
    const nothing = corrections === null && setting.offered.length === 0;
    const judged = nothing ? NOTHING_LEARNED : await this.candidate(data);
    if (judged === null) return null;
    const { refused, sources } = screened.screening;
    return {
      ...{ turn: this.number, command, recipe: setting.recipe },
      policy: { file: setting.file, sha256: policy.model.manifest.sha256 },
      ...{ watched: watchFacts(blocks), corrections: corrections === null ? null : factsOf(corrections) },
      ...{ data: data.map(factsOf), refused, sources, ...judged },
    };
  }

  private watch(): Promise<readonly Corrections[] | null> {
    const { setting, policy, players, signal } = this.parts;
    const { recipe, workers } = setting;
    const order = { policy, recipe, turn: this.number, working: this.working, label: this.label, workers };
    return watchPolicy(order, players, (done) => this.tell('watch', done, recipe.worlds, 'worlds'), signal);
  }

  private async keepCorrections(blocks: readonly Corrections[]): Promise<DemonstrationSet | null> {
    const demonstrations = blocks.flatMap((block) => block.demonstrations);
    if (demonstrations.length === 0) return null;
    return this.data.keep(`corrections of turn ${this.number} of ${this.parent}`, demonstrations);
  }

  private async candidate(data: readonly DemonstrationSet[]): Promise<Judged | null> {
    const { setting, policy, command, signal } = this.parts;
    const trained = await this.train(data);
    if (trained === null) return null;
    const { recipe, file, suites, workers } = setting;
    const worlds = { recipe, policy, file, working: this.working, turn: this.number, command, suites, workers, signal };
    const trials = new CandidateTrials({ ...worlds, tell: (...told) => this.tell(...told) }, trained, data);
    const sha256 = await trials.publish();
    return judgeCandidate({ file: trials.file, sha256 }, trials);
  }

  private train(data: readonly DemonstrationSet[]): Promise<Retrained | null> {
    const { policy, setting } = this.parts;
    const { history, chunk, ensembling_decay } = policy.model.manifest;
    const { hidden, seed, steps, batch, rate } = setting.recipe;
    return retrain(
      {
        demonstrations: data.flatMap(({ demonstrations }) => demonstrations),
        ...{ sizes: policy.sizes, history, chunk, ensembling_decay, hidden, seed, steps, batch, rate },
        checkpoint: checkpointIn(this.working),
        label: `${this.label} on ${data.map(({ sha256 }) => sha256).join(' ')}`,
      },
      (step, held_out) => this.tell('train', step, steps, `loss held out ${held_out.toFixed(4)}`),
      this.stopped,
    );
  }

  /** What files of this turn are of. */
  private get label(): string {
    return `turn ${this.number} of ${this.parent}: ${this.parts.command}`;
  }

  private get parent(): string {
    return this.parts.policy.model.manifest.sha256.slice(0, 12);
  }

  private tell(phase: ImprovePhase, done: number, of: number, detail: string): void {
    this.parts.events.onProgress?.(phase, done, of, detail);
  }
}

function factsOf({ source, sha256, demonstrations }: DemonstrationSet): SetFacts {
  return { source, sha256, episodes: demonstrations.length };
}
