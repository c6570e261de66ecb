import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { DATASET_NAME, nextRevision, readIndex, writeIndex } from '../dataset/folder.ts';
import type { DatasetEpisode, DatasetIndex } from '../dataset/schema.ts';

interface Told {
  readonly out: string;
  readonly name: string;
  readonly id: string;
  readonly now: string;
}

/** The dataset that episodes are added to, one at a time: it is whole after each. */
export class TargetDataset {
  readonly folder: string;
  private readonly now: string;
  private content: DatasetIndex;
  private begun = false;

  /** Throws an InputError for a folder that holds anything but a dataset. */
  constructor({ out, name, id, now }: Told) {
    this.folder = out;
    this.now = now;
    if (existsSync(join(out, DATASET_NAME))) {
      this.content = readIndex(out);
      return;
    }
    if (existsSync(out)) {
      const other = entries(out).find((entry) => entry !== 'episodes');
      if (other !== undefined) {
        throw new InputError(`--out ${out}`, `must be new, empty or a dataset; it holds ${other}`);
      }
    }
    this.content = {
      ...{ schema: 'surepick/dataset', version: 1, id, name, revision: 0, description: '', licence: '' },
      ...{ created_at: now, changed_at: now, parents: [], episodes: [], tombstones: [], products: [] },
    };
  }

  get index(): DatasetIndex {
    return this.content;
  }

  has(id: string): boolean {
    return this.content.episodes.some((episode) => episode.id === id);
  }

  /** The id itself; where an episode of other files has it, or it was purged, with a number after it. */
  idFor(id: string, sources: readonly { readonly sha256: string }[]): string {
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? id : `${id}-${n}`;
      const episode = this.content.episodes.find((each) => each.id === candidate);
      const purged = this.content.tombstones.some((each) => each.id === candidate);
      const same = episode?.lineage.made_of.join() === sources.map(({ sha256 }) => sha256).join();
      if (!purged && (episode === undefined || same)) return candidate;
    }
  }

  /** Writes the index: one revision on for all episodes of one import. */
  add(episode: DatasetEpisode): void {
    mkdirSync(this.folder, { recursive: true });
    const episodes = [...this.content.episodes, episode];
    this.content = this.begun ? { ...this.content, episodes } : nextRevision(this.content, { episodes }, this.now);
    this.begun = true;
    writeIndex(this.folder, this.content);
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new InputError(`--out ${folder}`, 'is no folder', { cause: error });
  }
}
