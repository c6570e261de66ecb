import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { type Block, blockPicture, NO_BLOCK } from '../../test/support/block_pictures.ts';
import { FrameViewer } from '../frame_viewer.ts';
import { VISION_CLASSES } from '../network_input.ts';
import type { GroupPlanes } from './cell_groups.ts';
import { type Instance, Segmenter } from './segmenter.ts';

const WIDTH = 128;
const HEIGHT = 96;
const GRID = { width: 64, height: 48 };
const RED = [200, 30, 30];
const GREEN = [40, 150, 50];
const GREY = [200, 200, 200];

/** From 1 m above, without any depth for a depth of 0; in noise where a stream is given. */
function frameOf(blocks: readonly Block[], depth_m = 1, rng: Rng | null = null) {
  const noise = rng === null ? {} : { noise: { rng, colour: 4, depth_m: 0.001 } };
  const camera = { width: WIDTH, height: HEIGHT, above_m: 1, focal_px: 100, name: 'overview', ...noise };
  return blockPicture({ ...camera, holes: () => depth_m === 0 }, blocks);
}

/** What a network that is right says, but for errors of its offsets (cells): cells are 2×2 pixels. */
function planesOf(objects: Int16Array, rng: Rng | null = null, sigma = 0): GroupPlanes {
  const cells = GRID.width * GRID.height;
  const semantic = new Float32Array(VISION_CLASSES.length * cells);
  const offset = new Float32Array(2 * cells);
  const pixelOf = (i: number) => 2 * Math.floor(i / GRID.width) * WIDTH + 2 * (i % GRID.width);
  const middles = new Map<number, { n: number; x: number; y: number }>();
  for (let i = 0; i < cells; i++) {
    const middle = middles.get(objects[pixelOf(i)]) ?? { n: 0, x: 0, y: 0 };
    middle.n++;
    middle.x += i % GRID.width;
    middle.y += Math.floor(i / GRID.width);
    middles.set(objects[pixelOf(i)], middle);
  }
  for (let i = 0; i < cells; i++) {
    const object = objects[pixelOf(i)];
    const kind = object === NO_BLOCK ? 1 : object === -1 ? 2 : 3 + (object % 2);
    for (let c = 0; c < VISION_CLASSES.length; c++) semantic[c * cells + i] = c === kind ? 0.92 : 0.02;
    const middle = middles.get(object);
    if (object < 0 || middle === undefined) continue;
    offset[i] = middle.x / middle.n - (i % GRID.width) + sigma * (rng?.normal() ?? 0);
    offset[cells + i] = middle.y / middle.n - Math.floor(i / GRID.width) + sigma * (rng?.normal() ?? 0);
  }
  return { ...GRID, semantic, offset, centre: null };
}

const viewer = new FrameViewer();
const segmenter = new Segmenter(GRID.width, GRID.height);

function ious(instances: readonly Instance[], objects: Int16Array): number[] {
  const count = objects.reduce((most, object) => Math.max(most, object + 1), 0);
  return Array.from({ length: count }, (_, object) => {
    const size = objects.filter((one) => one === object).length;
    const overlaps = instances.map(({ pixels }) => {
      const common = pixels.filter((i) => objects[i] === object).length;
      return common / (pixels.length + size - common);
    });
    return Math.max(0, ...overlaps);
  });
}

const one: Block = { u: [30, 52], v: [30, 48], height_m: 0.04, rgb: RED, object: 0 };
const beside: Block = { u: [52, 70], v: [30, 48], height_m: 0.04, rgb: RED, object: 1 };

describe('masks', () => {
  it('of two blocks of one colour and height that touch are told apart to the pixel', () => {
    const { frame, objects } = frameOf([one, beside]);
    const instances = segmenter.segment(viewer.view(frame), planesOf(objects));
    expect(instances).toHaveLength(2);
    for (const iou of ious(instances, objects)) expect(iou).toBe(1);
  });

  it('of blocks anywhere, touching or not, hold against noise in picture and offsets', () => {
    for (let seed = 0; seed < 25; seed++) {
      const rng = createRng(seed, 'masks');
      const width = () => 2 * (5 + rng.int(8));
      const [a, b, h] = [width(), width(), width()];
      const u = 20 + rng.int(20);
      const v = 20 + rng.int(20);
      const gap = rng.int(3);
      const blocks: Block[] = [
        { u: [u, u + a], v: [v, v + h], height_m: rng.range(0.03, 0.06), rgb: RED, object: 0 },
        {
          u: [u + a + gap, u + a + gap + b],
          v: [v + 3, v + 3 + h],
          height_m: rng.range(0.03, 0.06),
          rgb: rng.uniform() < 0.5 ? RED : GREEN,
          object: 1,
        },
      ];
      const { frame, objects } = frameOf(blocks, 1, rng);
      const instances = segmenter.segment(viewer.view(frame), planesOf(objects, rng, 0.8));
      expect(instances.length, `seed ${seed}`).toBe(2);
      for (const iou of ious(instances, objects)) expect(iou, `seed ${seed}`).toBeGreaterThan(0.85);
    }
  });

  it('of a large object are one though its cells disagree, and of large ones that touch are two', () => {
    const large: Block = { ...one, u: [20, 64], v: [24, 68] };
    const neighbour: Block = { ...large, u: [64, 104], object: 1 };
    const { frame, objects } = frameOf([large, neighbour]);
    // Only 0.6 of the way to the centre: places that cells point to spread over 0.4 of the object.
    const planes = planesOf(objects);
    const timid = { ...planes, offset: planes.offset.map((value) => 0.6 * value) };
    const instances = segmenter.segment(viewer.view(frame), timid);
    expect(instances).toHaveLength(2);
    for (const iou of ious(instances, objects)) expect(iou).toBeGreaterThan(0.95);
  });

  it('outlive the loss of depth, by colour, and of colour, by depth', () => {
    const blind = frameOf([one, { ...beside, rgb: GREEN }], 0);
    const seen = segmenter.segment(viewer.view(blind.frame), planesOf(blind.objects));
    for (const iou of ious(seen, blind.objects)) expect(iou).toBeGreaterThan(0.9);
    const grey = frameOf([{ ...one, rgb: GREY }]);
    const [mask] = segmenter.segment(viewer.view(grey.frame), planesOf(grey.objects));
    expect(ious([mask], grey.objects)[0]).toBeGreaterThan(0.9);
  });

  it('stay one where something lies across an object', () => {
    const finger: Block = { u: [38, 44], v: [20, 60], height_m: 0.12, rgb: GREY, object: -1 };
    const { frame, objects } = frameOf([one, finger]);
    const instances = segmenter.segment(viewer.view(frame), planesOf(objects));
    expect(instances).toHaveLength(1);
    expect(ious(instances, objects)[0]).toBeGreaterThan(0.95);
  });

  it('are none of a slip of a few cells, and none on an empty table', () => {
    const slip = frameOf([{ ...one, u: [30, 34], v: [30, 34] }]);
    expect(segmenter.segment(viewer.view(slip.frame), planesOf(slip.objects))).toEqual([]);
    const bare = frameOf([]);
    expect(segmenter.segment(viewer.view(bare.frame), planesOf(bare.objects))).toEqual([]);
  });

  it('leave out what the network calls no object, whatever its colour', () => {
    const { frame, objects } = frameOf([one, { ...beside, u: [90, 110], object: -1 }]);
    const instances = segmenter.segment(viewer.view(frame), planesOf(objects));
    expect(instances).toHaveLength(1);
    expect(ious(instances, objects)).toEqual([1]);
  });

  it('are of what the picture cuts off, too, though its centre is out of it', () => {
    const { frame, objects } = frameOf([{ ...one, u: [0, 14], v: [30, 60] }]);
    const planes = planesOf(objects);
    const cells = GRID.width * GRID.height;
    // a network that knows its things: the centre is 3 cells beyond the border
    const isObject = (i: number) => planes.semantic[3 * cells + (i % cells)] > 0.5;
    const offset = planes.offset.map((value, i) => (i < cells && isObject(i) ? -3 - (i % GRID.width) : value));
    const instances = segmenter.segment(viewer.view(frame), { ...planes, offset });
    expect(instances).toHaveLength(1);
    expect(ious(instances, objects)[0]).toBeGreaterThan(0.9);
  });

  it('have their tops, too, where these shine so that only sides show colour', () => {
    const top: Block = { ...one, rgb: GREY };
    const side: Block = { ...one, v: [48, 62], height_m: 0.03 };
    const { frame, objects } = frameOf([top, side]);
    const instances = segmenter.segment(viewer.view(frame), planesOf(objects));
    expect(instances).toHaveLength(1);
    expect(ious(instances, objects)[0]).toBeGreaterThan(0.9);
  });

  it('are the same whatever was seen before', () => {
    const first = frameOf([one, beside]);
    const again = () => segmenter.segment(viewer.view(first.frame), planesOf(first.objects));
    const before = again();
    const other = frameOf([{ ...one, v: [50, 70] }]);
    segmenter.segment(viewer.view(other.frame), planesOf(other.objects));
    expect(again()).toEqual(before);
  });
});

it('classes of masks are the means of their cells', () => {
  const { frame, objects } = frameOf([one, { ...beside, u: [80, 100] }]);
  const planes = planesOf(objects);
  const instances = segmenter.segment(viewer.view(frame), planes);
  expect(instances).toHaveLength(2);
  for (const { pixels, object } of instances) {
    const [shown] = new Set([...pixels].map((i) => objects[i]));
    const probabilities = segmenter.probabilitiesOf(object, planes);
    expect(probabilities[3 + (shown % 2)]).toBeCloseTo(0.92, 5);
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  }
});
