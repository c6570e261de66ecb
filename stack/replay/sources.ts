import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { DATASET_NAME, episodePath, idOf, MANIFEST_NAME, readIndex, readManifest } from '../../datasets/index.ts';

/** A recording that is to be replayed. */
export interface ReplaySource {
  readonly id: string;
  /** Path of the recording. */
  readonly file: string;
  /** What index or manifest say the file's SHA-256 is; empty where neither is there. */
  readonly sha256: string;
}

/** Recordings of a dataset, of the folder of a run, or one recording by itself. Throws an InputError for anything else. */
export function replaySources(path: string): ReplaySource[] {
  if (existsSync(join(path, DATASET_NAME))) {
    const { episodes } = readIndex(path);
    return episodes.map((episode) => ({
      ...{ id: episode.id, sha256: episode.sha256, file: episodePath({ folder: path }, episode) },
    }));
  }
  if (existsSync(join(path, MANIFEST_NAME))) {
    const { run_id, episodes } = readManifest(path);
    return episodes.map(({ file, sha256 }) => ({
      id: idOf(run_id, file),
      sha256,
      file: join(path, ...file.split('/')),
    }));
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() && /\.mcap(\.part)?$/.test(path)) {
    return [{ id: basename(path).replace(/\.mcap(\.part)?$/, ''), file: path, sha256: '' }];
  }
  throw new InputError(`${path}`, `must be a recording (.mcap), or a folder with ${DATASET_NAME} or ${MANIFEST_NAME}`);
}

/** The sources that `--episodes` names: positions from 0 and ranges of them, or ids: `0-9,12,run-episode-0040`. */
export function chosenSources(sources: readonly ReplaySource[], asked: string | null): readonly ReplaySource[] {
  if (asked === null) return sources;
  const chosen = asked.split(',').flatMap((word) => {
    const text = word.trim();
    const byId = sources.filter(({ id }) => id === text);
    if (byId.length > 0) return byId;
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first !== undefined && from <= to && to < sources.length) return sources.slice(from, to + 1);
    throw new InputError(
      `--episodes ${text}`,
      `positions within 0-${sources.length - 1}, ranges of them as 0-9, or ids`,
    );
  });
  return [...new Set(chosen)];
}
