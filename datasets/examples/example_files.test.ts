import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { type ExampleFacts, readExample, readExamples, type StoredFrame, writeExample } from './example_files.ts';

const [WIDTH, HEIGHT] = [20, 12];

function drawnFrame(seed: number): StoredFrame {
  const rng = createRng(seed).stream('frame');
  const image = { stamp_ns: 1_200_000_000n, frame_id: 'overview_optical_frame', width: WIDTH, height: HEIGHT };
  const depth = Float32Array.from({ length: WIDTH * HEIGHT }, () => (rng.uniform() < 0.1 ? 0 : rng.range(0.2, 2)));
  return {
    colour: { ...image, data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, () => rng.int(256)) },
    depth: { ...image, data: depth },
    info: {
      ...{ ...image, name: 'overview', distortion_model: 'plumb_bob' },
      ...{ K: [50.5, 0, 10, 0, 50.5, 6, 0, 0, 1], D: [0.1, 0, 0, 0, 0] },
      T_world_camera_optical: [1, 0, 0, 0.5, 0, -1, 0, 0, 0, 0, -1, 0.8, 0, 0, 0, 1],
    },
  };
}

const FACTS: ExampleFacts = {
  ...{ id: 'overview-1200-0', question: 'What is in the box?', options: ['red box', 'red cylinder', 'skip'] },
  ...{ answer: 'red cylinder', label: { class: 'cylinder', colour: 'red' }, by: 'ada “the judge”' },
  ...{ asked_ns: '1220000000', ended_ns: '2500000000', end: 'answered', reason: '' },
  guess: {
    ...{ id: 0, class: 'box', colour: 'red', score: 0.6, pixels: 9, image_box: [4, 3, 6, 5] },
    pose: { position: [0.5, 0, 0.02], orientation: [0, 0, 0, 1] },
    shape: { type: 'box', size: [0.04, 0.04, 0.04] },
    covariance: Array.from({ length: 36 }, () => 0),
    confidence: { visible: 0.5, possible: ['box', 'cylinder'], verdict: 'escalate', reason: 'half hidden' },
  },
  ...{ model: 'vision@1.0.0', model_sha256: 'ab'.repeat(32), request_id: 'overview/12' },
  ...{ frame_sha256: 'cd'.repeat(32), masked: false },
};

describe('labelled examples', () => {
  it('come back as they were written, to the bit, in order of their names', async () => {
    await withFolder(async (folder) => {
      const inner = join(folder, 'examples');
      expect(readExamples(inner)).toEqual([]);
      const frames = [drawnFrame(1), drawnFrame(2)];
      writeExample(inner, 'episode-0002.overview-1200-0', FACTS, frames[1]);
      const file = writeExample(
        inner,
        'episode-0001.odd/../name 1',
        { ...FACTS, answer: 'skip', label: null },
        frames[0],
      );
      expect(file).toBe(join(inner, 'episode-0001.odd_.._name_1.json'));
      const read = readExamples(inner);
      expect(read.map(({ example }) => example.answer)).toEqual(['skip', 'red cylinder']);
      for (const [k, { frame, example }] of read.entries()) {
        expect(frame).toEqual({ request_id: 'overview/12', ...frames[k] });
        expect(example).toMatchObject({ id: FACTS.id, by: FACTS.by, guess: FACTS.guess, model: FACTS.model });
        expect(example.frame).toMatchObject({ sha256: 'cd'.repeat(32), masked: false });
      }
      expect(readdirSync(inner)).toHaveLength(6);
    });
  });

  it.each<[string, (folder: string, stem: string) => void, RegExp]>([
    ['a changed pixel', (folder, stem) => repaint(folder, stem), /its pictures: are not those that were stored/],
    [
      'a changed depth',
      (folder, stem) => writeFileSync(join(folder, `${stem}.depth.gz`), gzipSync(Buffer.alloc(4 * WIDTH * HEIGHT))),
      /its pictures: are not those that were stored/,
    ],
    [
      'a depth of another size',
      (folder, stem) => writeFileSync(join(folder, `${stem}.depth.gz`), gzipSync(Buffer.alloc(40))),
      /depth\.gz: 40 bytes: must be 960 by gzip/,
    ],
    [
      'a depth that grows when it is opened',
      (folder, stem) => writeFileSync(join(folder, `${stem}.depth.gz`), gzipSync(Buffer.alloc(1 << 24))),
      /depth\.gz: must be 960 bytes by gzip/,
    ],
    ['a missing picture', (folder, stem) => rmSync(join(folder, `${stem}.colour.png`)), /colour\.png: cannot be read/],
    [
      'a picture of another size',
      (folder, stem) =>
        writeFileSync(
          join(folder, `${stem}.colour.png`),
          encode({ width: 2, height: 2, channels: 3, depth: 8, data: new Uint8Array(12) }),
        ),
      /png of 2x2: must be a PNG of 20x12/,
    ],
    ['no JSON', (folder, stem) => writeFileSync(join(folder, `${stem}.json`), '{'), /example\.json: is no JSON/],
    [
      'a picture elsewhere',
      (folder, stem) => edit(folder, stem, (text) => text.replace(`${stem}.colour.png`, '../../etc/passwd')),
      /files\.colour: must be a name beside this file/,
    ],
    [
      'a label that does not exist',
      (folder, stem) => edit(folder, stem, (text) => text.replace('"class": "cylinder"', '"class": "cat"')),
      /label\.class: /,
    ],
    [
      'an impossible size',
      (folder, stem) => edit(folder, stem, (text) => text.replace('"width": 20', '"width": 2000000000')),
      /frame\.camera\.width: /,
    ],
  ])('are refused with %s', async (_, spoil, message) => {
    await withFolder(async (folder) => {
      const file = writeExample(folder, 'example', FACTS, drawnFrame(3));
      spoil(folder, 'example');
      expect(() => readExample(file)).toThrow(message);
    });
  });

  it('are refused where they cannot be written', async () => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'examples'), '');
      expect(() => writeExample(join(folder, 'examples'), 'one', FACTS, drawnFrame(1))).toThrow(/cannot be written/);
      renameSync(join(folder, 'examples'), join(folder, 'other'));
      expect(() => writeExample(folder, 'one', { ...FACTS, by: '' }, drawnFrame(1))).toThrow();
    });
  });
});

function repaint(folder: string, stem: string): void {
  const data = drawnFrame(3).colour.data.slice();
  data[100] ^= 1;
  writeFileSync(
    join(folder, `${stem}.colour.png`),
    encode({ width: WIDTH, height: HEIGHT, channels: 3, depth: 8, data }),
  );
}

function edit(folder: string, stem: string, change: (text: string) => string): void {
  const file = join(folder, `${stem}.json`);
  const text = readFileSync(file, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(file, change(text));
}
