import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Detection } from '../../contracts/index.ts';
import { HeldOutJudge, type SeenObject } from '../../learning/index.ts';
import { type Block, blockPicture } from '../../test/support/block_pictures.ts';
import { renderAccuracy } from './accuracy_page.ts';
import { drawAnswer } from './worst_pictures.ts';

const SIZE = { width: 96, height: 72, above_m: 1, focal_px: 200 } as const;
const BLOCKS: readonly Block[] = [
  { u: [20, 40], v: [20, 40], height_m: 0.04, rgb: [200, 30, 30] },
  { u: [55, 75], v: [30, 50], height_m: 0.04, rgb: [40, 150, 50] },
];
const POSE = { position: [0.5, 0, 0.02], orientation: [0, 0, 0, 1] } as const;

/** Two boxes of which one is found and the other is not, and a third that is said to be where none is. */
function judged() {
  const { frame, objects } = blockPicture(SIZE, BLOCKS);
  const pixelsOf = (k: number) => Int32Array.from(objects.keys()).filter((i) => objects[i] === k);
  const seen = BLOCKS.map((_, k): SeenObject => {
    const pixels = pixelsOf(k).length;
    const shape = { type: 'box', size: [0.1, 0.08, 0.04] } as const;
    return { name: `box ${k}`, class: 'box', shape, pose: POSE, pixels, whole_pixels: pixels };
  });
  const detection = (score: number): Detection => ({
    ...{ id: 0, class: 'box', colour: 'red', score, pose: POSE, shape: seen[0].shape, image_box: [0, 0, 1, 1] },
    ...{ pixels: 400, covariance: Array.from({ length: 36 }, (_, k) => (k % 7 === 0 ? 1e-6 : 0)) },
  });
  const nowhere = Int32Array.from({ length: 100 }, (_, i) => i);
  const answer = { detections: [detection(0.9), detection(0.6)], masks: [pixelsOf(0), nowhere] };
  const where = { camera: 'overview', task: 'sort', world: 7, run: 'seven' } as const;
  const picture = { ...where, frame, instances: objects, objects: seen };
  return { picture, answer };
}

it('shows figures by class and camera, what deciding costs, and how true scores are', () => {
  const { picture, answer } = judged();
  const judge = new HeldOutJudge({ worst: 3 });
  judge.add(picture, answer);
  const report = judge.report();
  const page = renderAccuracy({ model: 'eye<b>@1', seed: 3, known: 'calibrated', report, worst: [] });
  for (const told of ['by class and camera', 'box, overview', '50.0 %', 'take all', 'then so much can be taken'])
    expect(page, told).toContain(told);
  expect(page).not.toContain('eye<b>');
  expect(page.match(/<svg /g)).toHaveLength(2);
  expect(report.worst[0].faults).toEqual(['missed a box', 'a box where none is']);
});

it('shows a detector that said nothing', () => {
  const { picture } = judged();
  const judge = new HeldOutJudge();
  judge.add(picture, { detections: [], masks: [] });
  const page = renderAccuracy({ model: 'blind', seed: 3, known: 'as_put_up', report: judge.report(), worst: [] });
  expect(page).toContain('not calibrated');
  expect(page).not.toContain('NaN');
});

it('outlines what was found, what was missed and what is said of nothing', async () => {
  const { picture, answer } = judged();
  const { data, info } = await sharp(await drawAnswer(picture, answer))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const seen = (near: readonly number[]): number => {
    let n = 0;
    for (let i = 0; i < data.length; i += info.channels) {
      if (near.every((value, c) => Math.abs(data[i + c] - value) < 40)) n++;
    }
    return n;
  };
  for (const colour of [
    [60, 220, 90],
    [255, 235, 0],
    [255, 50, 50],
  ])
    expect(seen(colour), colour.join()).toBeGreaterThan(50);
  expect(seen([255, 150, 30])).toBeLessThan(50);
});
