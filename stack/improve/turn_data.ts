import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type Demonstration, type DemonstrationSet, saveDemonstrations } from '../../learning/index.ts';
import { dataFileIn, dataFolderOf } from '../training/data_folder.ts';
import type { Players } from '../training/players.ts';
import { type Improvable, type ImproveRecipe, worldsOf } from './recipe.ts';
import { type ScreenedSets, screenSets } from './screen_sets.ts';

/** Episodes of the expert that data is held to. */
const TRUSTED = 24;

/** Sets of demonstrations beside a policy, by hash, where later turns find them. */
export class TurnData {
  private readonly folder: string;
  private readonly working: string;
  private readonly policy: Improvable;

  /** @param working  folder of the turn */
  constructor(policy_file: string, working: string, policy: Improvable) {
    this.folder = dataFolderOf(policy_file);
    this.working = working;
    this.policy = policy;
  }

  async keep(source: string, demonstrations: readonly Demonstration[]): Promise<DemonstrationSet> {
    const part = join(this.working, 'set');
    const set = await saveDemonstrations(part, source, demonstrations, this.policy.sizes);
    await mkdir(this.folder, { recursive: true });
    await copyFile(part, dataFileIn(this.folder, set.sha256));
    await rm(part);
    return set;
  }

  /** Keeps what was accepted of screened sets. Throws InputError where nothing was. */
  async keepAccepted(sets: ScreenedSets['sets']): Promise<readonly DemonstrationSet[]> {
    const kept: DemonstrationSet[] = [];
    for (const { source, demonstrations } of sets) {
      if (demonstrations.length > 0) kept.push(await this.keep(source, demonstrations));
    }
    if (kept.length === 0) throw new InputError('all data was refused', 'some that nothing speaks against');
    return kept;
  }

  /** Holds sets to themselves and to episodes of the expert, played now. Null if `stopped` says so. */
  async screen(
    sets: readonly DemonstrationSet[],
    recipe: ImproveRecipe,
    players: Players,
    stopped: () => boolean,
  ): Promise<ScreenedSets | null> {
    const { seed } = worldsOf('trusted', recipe, 0);
    const orders = Array.from({ length: TRUSTED }, (_, episode) => ({ driver: 'expert', seed, episode }) as const);
    const trusted = await players.play(orders, stopped);
    return trusted === null ? null : screenSets(trusted, sets, this.policy);
  }
}
