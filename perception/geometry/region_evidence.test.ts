import { describe, expect, it } from 'vitest';
import { type Block, blockPicture } from '../../test/support/block_pictures.ts';
import type { RgbdFrame } from '../detector.ts';
import { FrameViewer } from '../frame_viewer.ts';
import { EDGE, RegionReader } from './region_evidence.ts';

const [WIDTH, HEIGHT] = [60, 40];
const RED = [200, 30, 30];
const GREY = [120, 120, 120];
const BLUE = [30, 50, 180];

/** From 0.7 m above; columns without depth. */
function frameOf(blocks: readonly Block[], blind: readonly number[] = []): RgbdFrame {
  const holes = (u: number) => blind.includes(u);
  return blockPicture({ width: WIDTH, height: HEIGHT, above_m: 0.7, focal_px: 400, holes }, blocks).frame;
}

const OWN: Block = { u: [20, 40], v: [10, 30], height_m: 0.04, rgb: RED };

/** Kinds of the edges of the red block at its four sides: the share of each side's points that are of a kind. */
function kindsOf(frame: RgbdFrame): {
  reader: RegionReader;
  share: (side: 'left' | 'right' | 'up' | 'down', kind: number) => number;
} {
  const view = new FrameViewer().view(frame);
  const pixels: number[] = [];
  for (let i = 0; i < WIDTH * HEIGHT; i++)
    if (view.rgb[3 * i] === RED[0] && view.rgb[3 * i + 1] === RED[1]) pixels.push(i);
  const reader = new RegionReader();
  reader.read(view, Int32Array.from(pixels));
  return {
    reader,
    share: (side, kind) => {
      let [n, of] = [0, 0];
      for (let e = 0; e < reader.edges; e++) {
        const [x, y] = [reader.points[2 * e] + 29.5, reader.points[2 * e + 1] + 19.5];
        const at = { left: x < 20, right: x > 39, up: y < 10, down: y > 29 }[side];
        if (!at) continue;
        n++;
        if (reader.kinds[e] === kind) of++;
      }
      return of / n;
    },
  };
}

describe('edges of a mask', () => {
  it('are the object’s own where the table or something behind begins, at half a pixel from its pixels', () => {
    const { reader, share } = kindsOf(frameOf([OWN]));
    expect([reader.edges, reader.own, reader.hidden]).toEqual([80, 80, 0]);
    for (const side of ['left', 'right', 'up', 'down'] as const) expect(share(side, EDGE.own)).toBe(1);
    expect(Math.min(...reader.points.subarray(0, 160).filter((_, k) => k % 2 === 0))).toBeCloseTo(19.5 - 29.5, 5);
    expect(reader.top_m).toBeCloseTo(0.04, 4);
    expect(reader.support_m).toBeCloseTo(0, 4);
  });

  it('are hidden where something higher ends the mask, and of the top where something level does', () => {
    const arm: Block = { u: [0, 20], v: [0, 40], height_m: 0.15, rgb: GREY };
    const level: Block = { u: [40, 60], v: [0, 40], height_m: 0.04, rgb: BLUE };
    const { share } = kindsOf(frameOf([OWN, arm, level]));
    expect(share('left', EDGE.reach)).toBe(1);
    expect(share('right', EDGE.top)).toBe(1);
    expect(share('up', EDGE.own)).toBe(1);
  });

  it('are told by the depth a little farther where it is missing beside the jump', () => {
    const arm: Block = { u: [0, 20], v: [0, 40], height_m: 0.15, rgb: GREY };
    expect(kindsOf(frameOf([OWN, arm], [19, 20])).share('left', EDGE.reach)).toBe(1);
    expect(kindsOf(frameOf([OWN], [19, 20])).share('left', EDGE.own)).toBe(1);
  });

  it('at the border of the picture say only how far the object reaches at least', () => {
    const { share, reader } = kindsOf(frameOf([{ ...OWN, u: [20, WIDTH] }]));
    expect(share('left', EDGE.own)).toBe(1);
    expect(reader.hidden).toBe(20);
  });

  it('without any depth are hidden by paint alone', () => {
    const all = Array.from({ length: WIDTH }, (_, u) => u);
    const neighbour: Block = { u: [40, 60], v: [0, 40], height_m: 0.04, rgb: BLUE };
    const { share, reader } = kindsOf(frameOf([OWN, neighbour], all));
    expect(share('right', EDGE.reach)).toBe(1);
    expect(share('left', EDGE.own)).toBe(1);
    expect(reader.samples).toBe(0);
    expect(reader.top_m).toBeNaN();
  });

  it('the support is what lies lowest about the object', () => {
    const floor: Block = { u: [0, WIDTH], v: [0, HEIGHT], height_m: 0.004, rgb: GREY };
    const { reader } = kindsOf(frameOf([floor, OWN]));
    expect(reader.support_m).toBeCloseTo(0.004, 3);
  });

  it('are believed where colours differ, and little where the mask ends on one even face', () => {
    const view = new FrameViewer().view(frameOf([OWN]));
    const half = Array.from({ length: WIDTH * HEIGHT }, (_, i) => i).filter((i) => {
      const [u, v] = [i % WIDTH, Math.floor(i / WIDTH)];
      return u >= 20 && u < 33 && v >= 10 && v < 30;
    });
    const reader = new RegionReader();
    reader.read(view, Int32Array.from(half));
    for (let e = 0; e < reader.edges; e++) {
      const cut = reader.points[2 * e] + 29.5 > 32.25;
      if (cut) expect(reader.trust[e], `edge ${e}`).toBeLessThan(0.2);
      else expect(reader.trust[e], `edge ${e}`).toBe(1);
    }
  });
});
