import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import {
  type ExportReport,
  episodePath,
  exportLerobot,
  findVideoEncoder,
  measureEncoder,
  readPictures,
  type VideoEncoder,
} from '../../../../datasets/index.ts';
import { integerFrom, say } from '../../../common.ts';
import type { ExportFormat, ExportRequest, FormatOutcome } from './format.ts';

const MOST_FPS = 1000;
const MEASURED_PICTURES = 60;
const options = z.object({
  fps: z.number().nullable().default(null),
  cameras: z.array(z.string()).nullable().default(null),
  depth: z.boolean().default(false),
  float64: z.boolean().default(false),
  video: z.boolean().default(false),
});

/** LeRobot v3.0. */
export const lerobotExport: ExportFormat = {
  name: 'lerobot',
  addOptions: (command: Command) => {
    command
      .option('--fps <n>', 'lerobot: rows a second (default: the rate of the cameras)', integerFrom(1, MOST_FPS))
      .option('--cameras <names>', 'lerobot: only these, with commas; none for no pictures', cameraNames)
      .option('--depth', 'lerobot: depth pictures too, as PNG of 16 bits in millimetres')
      .option('--video', 'lerobot: colour pictures as videos, by the ffmpeg of the system; smaller, with loss')
      .option('--float64', 'lerobot: numbers as they were recorded, not rounded to float32');
  },
  run: async (request: ExportRequest): Promise<FormatOutcome> => {
    const { dataset, episodes, out, workers, resume, signal, bar } = request;
    const asked = options.parse(request.options);
    const { fps, cameras, depth, float64 } = asked;
    const video = asked.video ? await announcedEncoder(request) : null;
    const made = await exportLerobot({
      ...{ dataset, episodes, out, workers, resume, signal, fps, cameras, depth, float64, video },
      onEpisode: (done, total, id) => bar.update(done, total, id),
    });
    bar.stop();
    const { complete, report } = made;
    if (report === null) {
      const lines = [`interrupted after ${made.episodes.length} episodes in whole files; --resume goes on`];
      return { complete, lines, episodes: made.episodes, fields: { episodes: made.episodes.length } };
    }
    const rows = report.episodes.reduce((sum, episode) => sum + episode.rows, 0);
    return {
      ...{ complete, episodes: made.episodes, lines: linesOf(report, out, rows) },
      fields: {
        ...{ episodes: report.episodes.length, rows, fps: report.options.fps, splits: report.splits },
        ...{ skipped: report.skipped, left_out: report.left_out, not_held: report.not_held, action: report.action },
        ...{ max_age_s: report.timing.max_age_s, max_change: report.precision.max_change },
      },
    };
  },
};

/** Which encoder there is, and how fast it is here, is said before anything is written. */
async function announcedEncoder({ dataset, episodes }: ExportRequest): Promise<VideoEncoder> {
  const encoder = await findVideoEncoder();
  const [first] = episodes;
  const topics = first.signals.filter(({ role }) => role === 'colour').map(({ topic }) => topic);
  const pictures: Uint8Array[] = [];
  for await (const { format, data } of readPictures(episodePath(dataset, first), topics.slice(0, 1))) {
    if (format !== 'raw') pictures.push(data);
    if (pictures.length === MEASURED_PICTURES) break;
  }
  const what = `encoder ${encoder.name} (${encoder.codec}, ${encoder.pixels})`;
  if (pictures.length === 0) {
    say(`${what}; no picture to measure it with`);
    return encoder;
  }
  const folder = mkdtempSync(join(tmpdir(), 'surepick-video-'));
  try {
    const { pictures_per_s, size } = await measureEncoder(encoder, pictures, folder, () => performance.now() / 1000);
    say(`${what}: ${pictures_per_s.toFixed(0)} pictures/s, ${(100 * size).toFixed(0)} % of the bytes of the pictures`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return encoder;
}

function cameraNames(text: string): string[] {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  if (names.some((name) => !/^[A-Za-z0-9_]+$/.test(name))) {
    throw new InvalidArgumentError(
      'Allowed: names of cameras with commas, as surepick dataset info shows them, or none.',
    );
  }
  return names;
}

function linesOf(report: ExportReport, out: string, rows: number): string[] {
  const { episodes, skipped, left_out, timing, precision, not_held, action, options: asked } = report;
  const worst = (all: Readonly<Record<string, number>>, unit: string) =>
    Object.entries(all)
      .map(([key, value]) => `${key} ${value.toPrecision(2)}${unit}`)
      .join(', ');
  return [
    `${out}: LeRobot v3.0, ${episodes.length} episodes, ${rows} rows at ${asked.fps} a second`,
    `oldest sample at its row: ${worst(timing.max_age_s, ' s')}`,
    `greatest rounding: ${worst(precision.max_change, '')}`,
    ...(action.as_state ? [] : [`order of action: ${action.how}`]),
    ...left_out.map(({ topic, messages, why }) => `left out: ${topic}, ${messages} messages: ${why}`),
    ...not_held.map((what) => `not held: ${what}`),
    ...skipped.map(({ id, why }) => `skipped: ${id}: ${why}`),
  ];
}
