import { ffmpegSource, hasFfmpeg, importLerobot } from '../../../../datasets/index.ts';
import type { FormatOutcome, ImportFormat, ImportRequest } from './format.ts';

/** LeRobot v3.0. */
export const lerobotImport: ImportFormat = {
  name: 'lerobot',
  run: async ({ source, out, name, now, signal, bar }: ImportRequest): Promise<FormatOutcome> => {
    const video = (await hasFfmpeg()) ? ffmpegSource() : null;
    const made = await importLerobot({
      ...{ source, out, name, now, signal, video },
      onEpisode: (done, total, id) => bar.update(done, Math.max(done, total), id),
    });
    bar.stop();
    const { complete, episodes, skipped, remarks } = made;
    const messages = episodes.reduce((sum, { signals }) => sum + signals.reduce((n, each) => n + each.messages, 0), 0);
    return {
      complete,
      episodes: episodes.map(({ id }) => id),
      lines: [
        `${out}: ${episodes.length} episodes, ${messages} messages`,
        ...remarks,
        ...skipped.map(({ what, why }) => `skipped: ${what}: ${why}`),
      ],
      fields: { episodes: episodes.length, messages, skipped, remarks },
    };
  },
};
