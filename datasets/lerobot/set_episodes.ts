import { indexRows } from './data_rows.ts';
import type { ClosedFile } from './export_progress.ts';
import type { SetEpisode } from './set_files.ts';
import { type FeatureStatistics, rowStatistics } from './statistics.ts';

/** Numbers of tasks in a set, in the order in which episodes have them. */
export class TaskNumbers {
  private readonly numbers = new Map<string, number>();

  numbersOf(tasks: readonly string[]): readonly number[] {
    return tasks.map((task) => {
      const number = this.numbers.get(task) ?? this.numbers.size;
      this.numbers.set(task, number);
      return number;
    });
  }

  all(): readonly string[] {
    return [...this.numbers.keys()];
  }
}

/** Episodes of all files with their places in the set, and the texts of its tasks. */
export function setEpisodes(closed: readonly ClosedFile[], fps: number) {
  const numbers = new TaskNumbers();
  const episodes: SetEpisode[] = [];
  let first_index = 0;
  closed.forEach((file, n) => {
    for (const episode of file.episodes) {
      const { rows, tasks } = episode;
      const place = { episode_index: episodes.length, first_index, fps, task_indices: numbers.numbersOf(tasks) };
      const indices: Record<string, FeatureStatistics> = {};
      // The first task stands for the rows of all: which row is about which is in the data alone.
      const index_rows = indexRows({ rows, task: new Int32Array(rows) }, place);
      for (const [key, values] of Object.entries(index_rows)) indices[key] = rowStatistics(values, 1);
      const { episode_index } = place;
      episodes.push({
        ...episode,
        episode_index,
        first_index,
        file: n,
        statistics: { ...episode.statistics, ...indices },
      });
      first_index += rows;
    }
  });
  return { episodes, tasks: numbers.all() };
}
