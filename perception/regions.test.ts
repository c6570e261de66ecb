import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { type Block, blockPicture } from '../test/support/block_pictures.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';
import { components, findRegions } from './regions.ts';

const WIDTH = 64;
const HEIGHT = 48;
const RED = [200, 30, 30];
const GREEN = [40, 150, 50];

/** From 1 m above; pixels without depth. */
function frameOf(blocks: readonly Block[], blind: readonly number[] = []): RgbdFrame {
  const holes = (u: number, v: number) => blind.includes(v * WIDTH + u);
  return blockPicture({ width: WIDTH, height: HEIGHT, above_m: 1, focal_px: 300, holes }, blocks).frame;
}

function regionsOf(blocks: readonly Block[], holes: readonly number[] = []): number[] {
  const view = new FrameViewer().view(frameOf(blocks, holes));
  return findRegions(view, null).map(({ pixels }) => pixels.length);
}

const block = (u: [number, number], rgb: readonly number[], height_m = 0.04): Block => ({
  u,
  v: [10, 30],
  height_m,
  rgb,
});

describe('findRegions', () => {
  it('parts touching blocks of two colours, and of one colour at two heights', () => {
    expect(regionsOf([block([10, 20], RED), block([20, 32], GREEN)])).toEqual([200, 240]);
    expect(regionsOf([block([10, 20], RED, 0.03), block([20, 32], RED, 0.06)])).toEqual([200, 240]);
    expect(regionsOf([block([10, 20], RED), block([20, 32], RED)])).toEqual([440]);
  });

  it('takes neither grey things nor paint on the table nor specks for objects', () => {
    for (const grey of [20, 120, 240]) expect(regionsOf([block([10, 30], [grey, grey, grey])])).toEqual([]);
    expect(regionsOf([block([10, 30], RED, 0)])).toEqual([]);
    expect(regionsOf([{ u: [10, 14], v: [10, 14], height_m: 0.04, rgb: RED }])).toEqual([]);
    expect(regionsOf([block([10, 30], RED, 0.4)])).toEqual([]);
  });

  it('joins the foot of an object and pixels without depth by colour', () => {
    const foot: Block = { u: [10, 20], v: [30, 33], height_m: 0.004, rgb: RED };
    expect(regionsOf([block([10, 20], RED, 0.012), foot])).toEqual([230]);
    expect(regionsOf([block([10, 20], RED)], [15 * WIDTH + 12, 10 * WIDTH + 10])).toEqual([200]);
  });

  it('looks only where it is told to', () => {
    const view = new FrameViewer().view(frameOf([block([10, 20], RED), block([40, 50], GREEN)]));
    const gate = new Uint8Array(WIDTH * HEIGHT);
    for (let i = 0; i < gate.length; i++) gate[i] = i % WIDTH < 32 ? 1 : 0;
    expect(findRegions(view, gate)).toHaveLength(1);
  });
});

describe('components', () => {
  it('are those of repeated merging by brute force', () => {
    const rng = createRng(1).stream('components');
    for (let trial = 0; trial < 40; trial++) {
      const [width, height] = [3 + rng.int(8), 3 + rng.int(8)];
      const marked = Uint8Array.from({ length: width * height }, () => (rng.uniform() < 0.55 ? 1 : 0));
      const label = Int32Array.from(marked, (_, i) => i);
      for (let changed = true; changed; ) {
        changed = false;
        for (let i = 0; i < marked.length; i++) {
          for (const j of [i + 1, i + width]) {
            if (j >= marked.length || (j === i + 1 && j % width === 0) || !marked[i] || !marked[j]) continue;
            if (label[i] === label[j]) continue;
            label[i] = label[j] = Math.min(label[i], label[j]);
            changed = true;
          }
        }
      }
      const roots = [...new Set(Array.from(label).filter((_, i) => marked[i] === 1))].sort((a, b) => a - b);
      const expected = roots.map((root) =>
        Array.from(marked.keys()).filter((i) => marked[i] === 1 && label[i] === root),
      );
      expect(
        components(marked, width).map((pixels) => [...pixels]),
        `trial ${trial}`,
      ).toEqual(expected);
    }
  });
});

describe('a frame', () => {
  it('whose parts contradict each other is refused, naming it', () => {
    const frame = frameOf([]);
    const viewer = new FrameViewer();
    const wrong: [Partial<RgbdFrame>, RegExp][] = [
      [{ depth: { ...frame.depth, width: 32 } }, /test depth image of 32x48.*64x48/],
      [{ colour: { ...frame.colour, data: new Uint8Array(5) } }, /colour image with 5 values/],
      [{ info: { ...frame.info, K: [0, 0, 0, 0, 1, 0, 0, 0, 1] } }, /focal lengths/],
      [{ info: { ...frame.info, T_world_camera_optical: new Array<number>(16).fill(Number.NaN) } }, /finite/],
    ];
    for (const [part, pattern] of wrong) expect(() => viewer.view({ ...frame, ...part })).toThrow(pattern);
  });
});
