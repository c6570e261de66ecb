import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { FrameViewer } from './frame_viewer.ts';
import { CHANNELS, type ChannelSpec, gridOf, hashOf, type Preprocessing } from './models/index.ts';
import { INPUT_SIZE, NetworkInput, VISION_PREPROCESSING } from './network_input.ts';
import type { PixelView } from './regions.ts';

/** A frame of random colours, a fifth of it without depth, from a random place over the table. */
function drawnView(rng: Rng, width: number, height: number): PixelView {
  const stamp_ns = 0n;
  const [c, s] = [Math.cos(rng.range(2, 4)), Math.sin(rng.range(2, 4))];
  const n = Math.hypot(c, s);
  const T = [1, 0, 0, rng.range(-1, 1), 0, c / n, -s / n, 0, 0, s / n, c / n, rng.range(0.2, 1), 0, 0, 0, 1];
  const frame_id = 'camera';
  const info = {
    ...{ stamp_ns, frame_id, name: 'drawn', width, height, distortion_model: 'plumb_bob' as const },
    ...{ K: [width, 0, width / 2, 0, width, height / 2, 0, 0, 1], D: [0, 0, 0, 0, 0], T_world_camera_optical: T },
  };
  const data = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
  const depths = Float32Array.from({ length: width * height }, () => (rng.uniform() < 0.2 ? 0 : rng.range(0.2, 1.2)));
  return new FrameViewer().view({
    request_id: 'drawn/0',
    ...{ colour: { stamp_ns, frame_id, width, height, data }, info },
    depth: { stamp_ns, frame_id, width, height, data: depths },
  });
}

/** What the shipped networks were trained with, written for them alone: the oracle of the general writer. */
function shippedInput({ width, height, rgb, z }: PixelView): Float32Array {
  const columns = 8 * Math.min(20, Math.max(1, Math.round(width / 16)));
  const rows = 8 * Math.min(15, Math.max(1, Math.round(height / 16)));
  const plane = columns * rows;
  const out = new Float32Array(5 * plane);
  for (let row = 0, cell = 0; row < rows; row++) {
    const v0 = Math.floor((row * height) / rows);
    const v1 = Math.max(v0 + 1, Math.floor(((row + 1) * height) / rows));
    for (let column = 0; column < columns; column++, cell++) {
      const u0 = Math.floor((column * width) / columns);
      const u1 = Math.max(u0 + 1, Math.floor(((column + 1) * width) / columns));
      const colour = [0, 0, 0];
      let [sum, known] = [0, 0];
      for (let v = v0; v < v1; v++) {
        for (let i = v * width + u0, end = v * width + u1; i < end; i++) {
          for (const k of [0, 1, 2]) colour[k] += rgb[3 * i + k];
          if (Number.isNaN(z[i])) continue;
          sum += z[i];
          known++;
        }
      }
      const scale = 1 / (255 * (v1 - v0) * (u1 - u0));
      for (const k of [0, 1, 2]) out[cell + k * plane] = colour[k] * scale - 0.5;
      out[cell + 3 * plane] = Math.max(-3, Math.min(3, known > 0 ? (10 * sum) / known : 0));
      out[cell + 4 * plane] = known > 0 ? 1 : 0;
    }
  }
  return out;
}

const SIZES = [
  [320, 240],
  [128, 128],
  [480, 270],
  [97, 61],
] as const;
const hashed = (values: Float32Array) => hashOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

/** What a writer makes of a picture, as many values as its grid has. */
function written(writer: NetworkInput, view: PixelView, out: Float32Array): Float32Array {
  const { width, height } = writer.write(view, out);
  return out.subarray(0, writer.channels * width * height);
}

describe('the input of the shipped networks', () => {
  it.each(SIZES)('is to the byte what they were trained with, of pictures of %ix%i', (width, height) => {
    const rng = createRng(11).stream(`${width}`);
    const writer = new NetworkInput();
    const out = new Float32Array(INPUT_SIZE);
    for (let k = 0; k < 2; k++) {
      const view = drawnView(rng, width, height);
      expect(hashed(written(writer, view, out)), `picture ${k}`).toBe(hashed(shippedInput(view)));
    }
  });

  it('has a cell for four pixels, in multiples of eight, and no more cells than the greatest picture', () => {
    const grids = [...SIZES, [640, 480], [3, 5]].map(([width, height]) =>
      gridOf(VISION_PREPROCESSING, { width, height }),
    );
    expect(grids.map(({ width, height }) => [width, height])).toEqual([
      [160, 120],
      [64, 64],
      [160, 120],
      [48, 32],
      [160, 120],
      [8, 8],
    ]);
  });

  it('is written into the middle of a batch, and nowhere else', () => {
    const view = drawnView(createRng(12).stream('batch'), 320, 240);
    const out = new Float32Array(3 * INPUT_SIZE).fill(7);
    new NetworkInput().write(view, out, INPUT_SIZE);
    expect(hashed(out.subarray(INPUT_SIZE, 2 * INPUT_SIZE))).toBe(hashed(shippedInput(view)));
    expect(out.subarray(0, INPUT_SIZE).every((value) => value === 7)).toBe(true);
    expect(out.subarray(2 * INPUT_SIZE).every((value) => value === 7)).toBe(true);
  });

  it('allocates nothing', () => {
    const view = drawnView(createRng(13).stream('heap'), 64, 48);
    const writer = new NetworkInput({ ...VISION_PREPROCESSING, width: 32, height: 24 });
    const out = new Float32Array(writer.size);
    expect(heapGrowthPerCall(() => void writer.write(view, out), 500)).toBeLessThan(64);
  });
});

/** One value of the input by its definition. */
function wantedValue(view: PixelView, picture: Preprocessing, c: number, row: number, column: number): number {
  const { what, scale, offset, limits, missing } = picture.channels[c];
  const bounds = (k: number, cells: number, pixels: number) => {
    const middle = Math.floor(((k + 0.5) * pixels) / cells);
    if (picture.resize === 'nearest') return [middle, middle + 1];
    const first = Math.floor((k * pixels) / cells);
    return [first, Math.max(first + 1, Math.floor(((k + 1) * pixels) / cells))];
  };
  const [v0, v1] = bounds(row, picture.height, view.height);
  const [u0, u1] = bounds(column, picture.width, view.width);
  const pixels: number[] = [];
  for (let v = v0; v < v1; v++) for (let u = u0; u < u1; u++) pixels.push(v * view.width + u);
  const known = pixels.filter((i) => view.depth[i] > 0);
  const mean = (of: readonly number[], value: (i: number) => number) =>
    of.reduce((sum, i) => sum + value(i), 0) / of.length;
  const colour = (k: number) => mean(pixels, (i) => view.rgb[3 * i + k] / 255);
  const heightOf = (i: number) =>
    view.camera.T[11] + view.depth[i] * view.camera.heightRate(view.rays[2 * i], view.rays[2 * i + 1]);
  if (known.length === 0 && (what === 'height' || what === 'depth')) return missing;
  const raw = {
    ...{ red: colour(0), green: colour(1), blue: colour(2), grey: (colour(0) + colour(1) + colour(2)) / 3 },
    ...{ height: mean(known, heightOf), depth: mean(known, (i) => view.depth[i]), has_depth: known.length > 0 ? 1 : 0 },
  }[what];
  const value = scale * raw + offset;
  return limits === undefined ? value : Math.max(limits[0], Math.min(limits[1], value));
}

it('any input is what its manifest says, value by value: size, channels, scale, limits, layout', () => {
  const rng = createRng(21).stream('manifests');
  for (let k = 0; k < 60; k++) {
    const channels = Array.from({ length: 1 + rng.int(5) }, (): ChannelSpec => {
      const limits = rng.uniform() < 0.5 ? undefined : ([rng.range(-2, 0), rng.range(0.1, 2)] as const);
      const what = CHANNELS[rng.int(CHANNELS.length)];
      return { what, scale: rng.range(-5, 5), offset: rng.range(-2, 2), missing: rng.range(-1, 1), limits };
    });
    const resize = rng.uniform() < 0.5 ? 'area' : 'nearest';
    const picture: Preprocessing = { width: 1 + rng.int(70), height: 1 + rng.int(70), resize, channels };
    const layout = rng.uniform() < 0.5 ? 'NCHW' : 'NHWC';
    const view = drawnView(rng, 8 + rng.int(90), 8 + rng.int(90));
    const writer = new NetworkInput(picture, layout);
    const out = new Float32Array(writer.size);
    writer.write(view, out);
    for (let i = 0; i < 40; i++) {
      const [c, row, column] = [rng.int(channels.length), rng.int(picture.height), rng.int(picture.width)];
      const cell = row * picture.width + column;
      const at = layout === 'NCHW' ? c * picture.width * picture.height + cell : cell * channels.length + c;
      const told = `case ${k}: ${layout} ${JSON.stringify(picture)} of ${view.width}x${view.height} at ${c} ${row} ${column}`;
      expect(Math.abs(out[at] - wantedValue(view, picture, c, row, column)), told).toBeLessThan(1e-5);
    }
  }
});

it('follows a camera whose pictures change their size', () => {
  const rng = createRng(22).stream('sizes');
  const writer = new NetworkInput(VISION_PREPROCESSING);
  const out = new Float32Array(INPUT_SIZE);
  for (const [width, height] of [SIZES[1], SIZES[3], SIZES[1]]) {
    const view = drawnView(rng, width, height);
    expect(hashed(written(writer, view, out)), `${width}x${height}`).toBe(hashed(shippedInput(view)));
  }
});
