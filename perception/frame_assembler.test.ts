import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { FrameAssembler, type FramePart } from './frame_assembler.ts';

const header = (k: number) => ({ stamp_ns: BigInt(k), frame_id: '', width: 1, height: 1 });
const parts = (k: number): FramePart[] => [
  { colour: { ...header(k), data: new Uint8Array(3) } },
  { depth: { ...header(k), data: new Float32Array(1) } },
  {
    info: {
      ...header(k),
      name: 'wrist',
      K: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      D: [0, 0, 0, 0, 0],
      distortion_model: 'plumb_bob',
      T_world_camera_optical: Array.from({ length: 16 }, () => 0),
    },
  },
];

test('the part that completes a stamp gives its frame, in whatever order parts come; frames are counted', () => {
  const rng = createRng(1);
  const assembler = new FrameAssembler('wrist');
  for (let k = 0; k < 40; k++) {
    const mixed = parts(k)
      .map((part) => ({ part, key: rng.uniform() }))
      .sort((a, b) => a.key - b.key)
      .map(({ part }) => assembler.add(part));
    expect(mixed.slice(0, 2)).toEqual([null, null]);
    expect(mixed[2]).toMatchObject({
      request_id: `wrist/${k}`,
      colour: { stamp_ns: BigInt(k) },
      depth: { stamp_ns: BigInt(k) },
    });
  }
});

test('a complete frame drops older incomplete ones, and only a few wait', () => {
  const assembler = new FrameAssembler('wrist');
  const [colour, depth, info] = [0, 1, 2].map((k) => (stamp: number) => parts(stamp)[k]);
  assembler.add(colour(1));
  for (const part of parts(2)) assembler.add(part);
  expect(assembler.add(depth(1))).toBeNull();
  expect(assembler.add(info(1))).toBeNull();
  assembler.reset();
  for (let k = 3; k <= 7; k++) assembler.add(colour(k));
  assembler.add(depth(3));
  expect(assembler.add(info(3))).toBeNull();
  assembler.add(depth(7));
  expect(assembler.add(info(7))).toMatchObject({ request_id: 'wrist/0' });
});
