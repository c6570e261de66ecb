import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { VISION_CLASSES } from '../network_input.ts';
import { HeadReader } from './heads.ts';
import { CLASS_MEANINGS, type ModelInterface } from './manifest.ts';
import type { ManifestTensor } from './manifest_tensors.ts';
import { VISION_INTERFACE } from './vision_interface.ts';

const rng = createRng(5).stream('heads');
const normals = (n: number) => Float32Array.from({ length: n }, () => 3 * rng.normal());

function tensor(name: string, channels: number, [width, height]: readonly [number, number], layout: 'NCHW' | 'NHWC') {
  const shape = layout === 'NCHW' ? ([1, channels, height, width] as const) : ([1, height, width, channels] as const);
  return { name, type: 'float32', shape, layout, what: '', units: '1' } satisfies ManifestTensor;
}

describe('what a network says', () => {
  it('is handed on as it is where it stands in our order', () => {
    const values = normals(5 * 120 * 160);
    const { semantic, ...rest } = new HeadReader(VISION_INTERFACE).read({ probabilities: values });
    expect(semantic).toBe(values);
    expect(rest).toEqual({ width: 160, height: 120, centre: null, offset: null, embedding: null });
  });

  it('stands in our order whatever its own order, layout, names and activation', () => {
    for (let k = 0; k < 60; k++) {
      const size = [1 + rng.int(9), 1 + rng.int(9)] as const;
      const cells = size[0] * size[1];
      const means = Array.from({ length: 2 + rng.int(7) }, () => CLASS_MEANINGS[rng.int(CLASS_MEANINGS.length)]);
      const layout = rng.uniform() < 0.5 ? 'NCHW' : 'NHWC';
      const softmax = rng.uniform() < 0.5;
      const sigmoid = rng.uniform() < 0.5;
      const model: Pick<ModelInterface, 'heads' | 'outputs' | 'classes' | 'preprocessing'> = {
        preprocessing: VISION_INTERFACE.preprocessing,
        classes: means.map((each, c) => ({ name: `class ${c}`, means: each })),
        outputs: [tensor('o', 2, size, layout), tensor('s', means.length, size, layout), tensor('c', 1, size, layout)],
        heads: {
          semantic: { output: 's', activation: softmax ? 'softmax' : 'none' },
          centre: { output: 'c', activation: sigmoid ? 'sigmoid' : 'none' },
          offset: { output: 'o' },
        },
      };
      const outputs = { s: normals(means.length * cells), c: normals(cells), o: normals(2 * cells) };
      const planes = new HeadReader(model).read(outputs);
      const told = `case ${k}: ${layout} ${size} ${means} ${softmax}`;
      for (let i = 0; i < cells; i++) {
        const at = (all: Float32Array, channels: number, c: number) =>
          layout === 'NCHW' ? all[c * cells + i] : all[i * channels + c];
        const raw = means.map((_, c) => at(outputs.s, means.length, c));
        const sum = raw.reduce((total, value) => total + Math.exp(value), 0);
        for (const [p, name] of VISION_CLASSES.entries()) {
          const wanted = raw
            .filter((_, c) => means[c] === name)
            .reduce((total, value) => total + (softmax ? Math.exp(value) / sum : value), 0);
          expect(planes.semantic[p * cells + i], told).toBeCloseTo(wanted, 4);
        }
        const heat = at(outputs.c, 1, 0);
        expect(planes.centre?.[i], told).toBeCloseTo(sigmoid ? 1 / (1 + Math.exp(-heat)) : heat, 5);
        for (const axis of [0, 1]) expect(planes.offset?.[axis * cells + i], told).toBe(at(outputs.o, 2, axis));
      }
    }
  });

  it('does not overflow, however sure the network is', () => {
    const model = { ...VISION_INTERFACE, outputs: [tensor('s', 5, [1, 1], 'NCHW')] };
    const reader = new HeadReader({ ...model, heads: { semantic: { output: 's', activation: 'softmax' } } });
    expect([...reader.read({ s: Float32Array.of(1e30, -1e30, 0, 1e30, 5) }).semantic]).toEqual([0.5, 0, 0, 0.5, 0]);
  });

  it('is told picture by picture of a batch', () => {
    const values = normals(3 * 5 * 6);
    const reader = new HeadReader({ ...VISION_INTERFACE, outputs: [tensor('probabilities', 5, [3, 2], 'NCHW')] });
    for (let k = 0; k < 3; k++)
      expect(reader.read({ probabilities: values }, k).semantic).toEqual(values.subarray(30 * k, 30 * (k + 1)));
  });
});
