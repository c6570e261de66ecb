import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { createTask } from '../../sim/index.ts';
import { takeStill } from '../render/still.ts';
import { writeStill } from '../render/write_still.ts';
import { perceivePictures, percentiles } from './perceive_pictures.ts';
import { findPictures, readFrame } from './read_frames.ts';

let root = '';
let pictures = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'perceive '));
  pictures = join(root, 'pictures');
  for (const seed of [1, 2]) {
    writeStill(takeStill({ task: 'pick-place', seed, camera: 'overview' }), join(pictures, `seed${seed}`));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A copy of the first picture with one file replaced. */
function spoiled(name: string, content: (file: Buffer) => Uint8Array | string): string {
  const folder = mkdtempSync(join(root, 'spoiled'));
  for (const file of ['rgb.png', 'depth.png', 'camera.json']) {
    const bytes = readFileSync(join(pictures, 'seed1', file));
    writeFileSync(join(folder, file), file === name ? content(bytes) : bytes);
  }
  return folder;
}

describe('perceive', () => {
  it('finds the objects of rendered pictures, with the network and without', async () => {
    for (const ep of ['cpu', 'classical'] as const) {
      const { summary, pictures: found } = await perceivePictures({ images: pictures, model: null, ep });
      expect(summary).toMatchObject({ images: 2, ep, degraded: false, degraded_reason: '' });
      expect(summary.model).toMatch(ep === 'cpu' ? /^vision@/ : /^classical$/);
      expect(summary.cold_ms).toBeGreaterThan(0);
      for (const [i, seed] of [1, 2].entries()) {
        const { scene } = createTask('pick-place').reset(createRng(seed).stream('episode/0').stream('task'));
        const names = scene.objects.map((object) => `${object.colour} ${object.class}`).sort();
        const sure = found[i].detections.filter((detection) => detection.score > 0.5);
        expect(sure.map((detection) => `${detection.colour} ${detection.class}`).sort(), `seed ${seed} ${ep}`).toEqual(
          names,
        );
      }
    }
  });

  it('goes on elsewhere when a provider is not there, says why, and finds the same', async () => {
    const ask = (ep: 'cpu' | 'cuda') => perceivePictures({ images: pictures, model: null, ep });
    const [cpu, cuda] = [await ask('cpu'), await ask('cuda')];
    expect(cpu.summary).toMatchObject({ provider: 'cpu', degraded: false });
    const { provider, degraded, degraded_reason } = cuda.summary;
    expect(degraded).toBe(provider !== 'cuda');
    expect(degraded_reason).toMatch(degraded ? /^execution provider cuda: not available here/ : /^$/);
    const seen = ({ pictures: all }: typeof cpu) =>
      all.flatMap(({ detections }) => detections.map((one) => `${one.colour} ${one.class}`));
    expect(seen(cuda)).toEqual(seen(cpu));
  });

  it('takes a picture folder itself, or those in it by name', () => {
    expect(findPictures(pictures)).toEqual([join(pictures, 'seed1'), join(pictures, 'seed2')]);
    expect(findPictures(join(pictures, 'seed1'))).toEqual([join(pictures, 'seed1')]);
    mkdirSync(join(root, 'empty'));
    expect(() => findPictures(join(root, 'empty'))).toThrow(/rgb\.png/);
    expect(() => findPictures(join(root, 'none'))).toThrow(/no such folder/);
    expect(() => findPictures(join(pictures, 'seed1', 'rgb.png'))).toThrow(InputError);
  });

  it.each([
    ['rgb.png', 'truncated', (b: Buffer) => b.subarray(0, b.length >> 1), /rgb\.png.*not a whole PNG/],
    ['rgb.png', 'empty', () => '', /rgb\.png.*not a whole PNG/],
    ['rgb.png', 'of another kind', () => '<svg xmlns="http://www.w3.org/2000/svg"/>', /rgb\.png/],
    [
      'rgb.png',
      'of the wrong size',
      () => encode({ width: 32, height: 16, data: new Uint8Array(1536), channels: 3 }),
      /32x16.*320x240/,
    ],
    [
      'rgb.png',
      'grey',
      () => encode({ width: 320, height: 240, data: new Uint8Array(76800), channels: 1 }),
      /1 channels with 8 bits.*3 or 4/,
    ],
    [
      'depth.png',
      'of 8 bits',
      () => encode({ width: 320, height: 240, data: new Uint8Array(76800), channels: 1 }),
      /depth\.png.*16 bits/,
    ],
    ['depth.png', 'with a flipped bit', (b: Buffer) => flip(b), /depth\.png.*not a whole PNG/],
    ['camera.json', 'not JSON', () => '{', /camera\.json.*JSON/],
    ['camera.json', 'without K', (b: Buffer) => b.toString().replace('"K"', '"k"'), /camera\.json at K/],
    [
      'camera.json',
      'huge',
      (b: Buffer) => b.toString().replace('"width": 320', '"width": 1000000'),
      /camera\.json at width/,
    ],
    ['camera.json', 'with a pose that is none', stretched, /T_world_camera_optical/],
  ] as const)('refuses a %s that is %s', (name, _, content, pattern) => {
    const folder = spoiled(name, content);
    expect(() => readFrame(folder)).toThrow(InputError);
    expect(() => readFrame(folder)).toThrow(pattern);
  });

  it('refuses models that are not there', async () => {
    const ask = (model: string) => perceivePictures({ images: pictures, model, ep: 'cpu' });
    await expect(ask('vision@9.9.9')).rejects.toThrow(/vision@9\.9\.9/);
    await expect(ask(join(pictures, 'seed1', 'none.onnx'))).rejects.toThrow(InputError);
  });

  it('reads an opaque picture with alpha like one without', () => {
    const { colour } = readFrame(join(pictures, 'seed1'));
    const data = Uint8Array.from({ length: 4 * 320 * 240 }, (_, i) =>
      i % 4 === 3 ? 255 : colour.data[3 * (i >> 2) + (i % 4)],
    );
    const folder = spoiled('rgb.png', () => encode({ width: 320, height: 240, data, channels: 4 }));
    expect(Buffer.compare(readFrame(folder).colour.data, colour.data)).toBe(0);
  });

  it('gives percentiles by nearest rank', () => {
    expect(percentiles([3, 1, 2])).toEqual({ p50: 2, p95: 3, p99: 3 });
    expect(percentiles(Array.from({ length: 100 }, (_, i) => i + 1))).toEqual({ p50: 50, p95: 95, p99: 99 });
  });
});

function stretched(bytes: Buffer): string {
  const camera: { T_world_camera_optical: number[] } = JSON.parse(bytes.toString());
  camera.T_world_camera_optical[1] *= 2;
  return JSON.stringify(camera);
}

function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] ^= 0x10;
  return copy;
}
