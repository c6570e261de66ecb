import { beforeAll, describe, expect, it } from 'vitest';
import { gridOf, VISION_CLASSES, VISION_PREPROCESSING } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { LONG, sweep } from '../../test/support/sweep.ts';
import { MaskEvaluation, type MaskRow } from './evaluate_masks.ts';
import { type HeldOutPicture, HeldOutSet } from './held_out.ts';
import { PICTURE_BYTES, startPicture, writeTruth } from './training_picture.ts';

/** In the short form those of the tasks that stand objects close together. */
const WORLDS = LONG ? [0, 1, 2, 3] : [1, 2];
let pictures: HeldOutPicture[] = [];

beforeAll(() => {
  const held = new HeldOutSet(loadRobot('panda'), 77);
  pictures = WORLDS.flatMap((k) => held.world(k));
});

/** What a network that is right says of a picture. */
function truthOf({ frame, labels, instances }: HeldOutPicture) {
  const grid = gridOf(VISION_PREPROCESSING, frame.info);
  const picture = startPicture(new ArrayBuffer(PICTURE_BYTES), 0, grid);
  writeTruth(labels, instances, frame.info, picture);
  const { width, height } = grid;
  const plane = width * height;
  const semantic = new Float32Array(VISION_CLASSES.length * plane);
  const offset = new Float32Array(2 * plane);
  const sums = new Map<number, [number, number, number]>();
  const place = (i: number): [number, number] => [i % width, Math.floor(i / width)];
  for (let i = 0; i < plane; i++) {
    const [u, v] = place(i);
    const [n, x, y] = sums.get(picture.instances[i]) ?? [0, 0, 0];
    sums.set(picture.instances[i], [n + 1, x + u, y + v]);
  }
  for (let i = 0; i < plane; i++) {
    semantic[picture.labels[i] * plane + i] = 1;
    const [u, v] = place(i);
    const [n, x, y] = sums.get(picture.instances[i]) ?? [1, u, v];
    offset[i] = x / n - u;
    offset[plane + i] = y / n - v;
  }
  return { width, height, semantic, offset, centre: null };
}

async function rowsOf(change: (planes: ReturnType<typeof truthOf>) => void): Promise<Map<string, MaskRow>> {
  let planes = truthOf(pictures[0]);
  const evaluation = new MaskEvaluation(async () => planes);
  for (const picture of pictures) {
    planes = truthOf(picture);
    change(planes);
    await evaluation.add(picture);
  }
  return new Map(evaluation.rows().map((row) => [row.group, row]));
}

describe('masks of held-out worlds', () => {
  it('are all but perfect where the network is, objects that touch and arms across them included', async () => {
    const rows = await rowsOf(() => {});
    const all = rows.get('all');
    expect(all?.recall.of).toBeGreaterThan(sweep(8, 15));
    expect(all?.recall.share).toBeGreaterThanOrEqual(0.99);
    expect(all?.precision.share).toBeGreaterThanOrEqual(0.98);
    expect(all?.class_accuracy.share).toBe(1);
    expect(all?.mean_iou).toBeGreaterThan(0.93);
    expect([...rows.keys()]).toEqual(expect.arrayContaining(['overview', 'wrist', 'clutter', 'box', 'cylinder']));
    const parts = ['overview', 'wrist'].map((name) => rows.get(name)?.recall.of ?? 0);
    expect(parts[0] + parts[1]).toBe(all?.recall.of);
  });

  it('are counted as missed where the network sees nothing, as wrong where it sees what is not', async () => {
    const blind = await rowsOf(({ semantic, width, height }) => {
      semantic.fill(0);
      semantic.fill(1, width * height, 2 * width * height);
    });
    expect(blind.get('all')?.recall.share).toBe(0);
    expect(blind.get('all')?.precision.of).toBe(0);
    const swapped = await rowsOf(({ semantic, width, height }) => {
      const plane = width * height;
      const box = semantic.slice(3 * plane, 4 * plane);
      semantic.copyWithin(3 * plane, 4 * plane);
      semantic.set(box, 4 * plane);
    });
    expect(swapped.get('all')?.class_accuracy.share).toBe(0);
    const seeing = await rowsOf(({ semantic, offset, width, height }) => {
      const [plane, top] = [width * height, height - 14];
      for (let v = top; v < top + 10; v++) {
        for (let u = 4; u < 14; u++) {
          const i = v * width + u;
          for (let c = 0; c < VISION_CLASSES.length; c++) semantic[c * plane + i] = c === 3 ? 1 : 0;
          offset[i] = 8.5 - u;
          offset[plane + i] = top + 4.5 - v;
        }
      }
    });
    const [right, wrong] = [seeing.get('all')?.precision, seeing.get('all')?.recall];
    expect(right?.share).toBeLessThan(0.9);
    expect(wrong?.share).toBeGreaterThan(0.9);
  });
});
