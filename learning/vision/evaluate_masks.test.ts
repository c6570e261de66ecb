import { beforeAll, describe, expect, it } from 'vitest';
import { INPUT_HEIGHT, INPUT_WIDTH, VISION_CLASSES } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { MaskEvaluation, type MaskRow } from './evaluate_masks.ts';
import { type HeldOutPicture, HeldOutSet } from './held_out.ts';
import { PICTURE_BYTES, PLANE, pictureAt, writeTruth } from './training_picture.ts';

const WORLDS = 4;
let pictures: HeldOutPicture[] = [];

beforeAll(() => {
  const held = new HeldOutSet(loadRobot('panda'), 77);
  pictures = Array.from({ length: WORLDS }, (_, k) => held.world(k)).flat();
});

/** What a network that is right says of a picture. */
function truthOf({ frame, labels, instances }: HeldOutPicture) {
  const picture = pictureAt(new ArrayBuffer(PICTURE_BYTES), 0);
  writeTruth(labels, instances, frame.info.width, frame.info.height, picture);
  const semantic = new Float32Array(VISION_CLASSES.length * PLANE);
  const offset = new Float32Array(2 * PLANE);
  const sums = new Map<number, [number, number, number]>();
  const place = (i: number): [number, number] => [i % INPUT_WIDTH, Math.floor(i / INPUT_WIDTH)];
  for (let i = 0; i < PLANE; i++) {
    const [u, v] = place(i);
    const [n, x, y] = sums.get(picture.instances[i]) ?? [0, 0, 0];
    sums.set(picture.instances[i], [n + 1, x + u, y + v]);
  }
  for (let i = 0; i < PLANE; i++) {
    semantic[picture.labels[i] * PLANE + i] = 1;
    const [u, v] = place(i);
    const [n, x, y] = sums.get(picture.instances[i]) ?? [1, u, v];
    offset[i] = x / n - u;
    offset[PLANE + i] = y / n - v;
  }
  return { width: INPUT_WIDTH, height: INPUT_HEIGHT, semantic, offset, centre: null };
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
    expect(all?.recall.of).toBeGreaterThan(15);
    expect(all?.recall.share).toBeGreaterThanOrEqual(0.99);
    expect(all?.precision.share).toBeGreaterThanOrEqual(0.98);
    expect(all?.class_accuracy.share).toBe(1);
    expect(all?.mean_iou).toBeGreaterThan(0.93);
    expect([...rows.keys()]).toEqual(expect.arrayContaining(['overview', 'wrist', 'clutter', 'box', 'cylinder']));
    const parts = ['overview', 'wrist'].map((name) => rows.get(name)?.recall.of ?? 0);
    expect(parts[0] + parts[1]).toBe(all?.recall.of);
  });

  it('are counted as missed where the network sees nothing, as wrong where it sees what is not', async () => {
    const blind = await rowsOf(({ semantic }) => {
      semantic.fill(0);
      semantic.fill(1, PLANE, 2 * PLANE);
    });
    expect(blind.get('all')?.recall.share).toBe(0);
    expect(blind.get('all')?.precision.of).toBe(0);
    const swapped = await rowsOf(({ semantic }) => {
      const box = semantic.slice(3 * PLANE, 4 * PLANE);
      semantic.copyWithin(3 * PLANE, 4 * PLANE);
      semantic.set(box, 4 * PLANE);
    });
    expect(swapped.get('all')?.class_accuracy.share).toBe(0);
    const seeing = await rowsOf(({ semantic, offset }) => {
      for (let v = 100; v < 110; v++) {
        for (let u = 4; u < 14; u++) {
          const i = v * INPUT_WIDTH + u;
          for (let c = 0; c < VISION_CLASSES.length; c++) semantic[c * PLANE + i] = c === 3 ? 1 : 0;
          offset[i] = 8.5 - u;
          offset[PLANE + i] = 104.5 - v;
        }
      }
    });
    const [right, wrong] = [seeing.get('all')?.precision, seeing.get('all')?.recall];
    expect(right?.share).toBeLessThan(0.9);
    expect(wrong?.share).toBeGreaterThan(0.9);
  });
});
