import sharp from 'sharp';
import { SPECTATOR } from './film.ts';
import type { ScenarioRun } from './run_scenario.ts';
import { storyboard } from './storyboard.ts';

/** Of each picture, and how many stand side by side. */
export const TILE = { width: 320, height: 214 } as const;
const COLUMNS = 3;
const JPEG_QUALITY = 82;

/** The pictures of a run's story as one JPEG, in order of time, row by row. */
export async function mosaic(run: ScenarioRun): Promise<Buffer> {
  const { width, height } = TILE;
  const scenes = storyboard(run);
  const tiles = scenes.map(({ time_s }, i) => ({
    input: Buffer.from(run.film.draw(time_s, { ...SPECTATOR, ...TILE }).rgb),
    raw: { width, height, channels: 3 } as const,
    left: (i % COLUMNS) * width,
    top: Math.floor(i / COLUMNS) * height,
  }));
  const rows = Math.ceil(scenes.length / COLUMNS);
  const canvas = { width: COLUMNS * width, height: rows * height, channels: 3, background: '#ffffff' } as const;
  return sharp({ create: canvas }).composite(tiles).jpeg({ quality: JPEG_QUALITY }).toBuffer();
}
