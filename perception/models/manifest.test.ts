import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shippedPin } from '../../test/support/models.ts';
import { type ModelManifestInput, modelManifest } from './manifest.ts';

/** A model that takes colours alone, blue first, channels last, of another size, and gives three heads. */
const FOREIGN: ModelManifestInput = {
  ...{
    format: 'surepick.model/1',
    name: 'foreign',
    version: '2.1.0-rc.1',
    role: 'full',
    licence: 'MIT OR BSD-3-Clause',
  },
  description: '',
  classes: [
    { name: 'mug', means: 'cylinder' },
    { name: 'can', means: 'cylinder' },
    { name: 'brick', means: 'box' },
    { name: 'rest', means: 'background' },
    { name: 'hand', means: 'other' },
  ],
  inputs: [{ name: 'x', type: 'float32', shape: ['N', 96, 128, 3], layout: 'NHWC', what: 'picture', units: '1' }],
  outputs: [
    { name: 'logits', type: 'float32', shape: ['N', 24, 32, 5], layout: 'NHWC', what: 'classes', units: '1' },
    { name: 'heat', type: 'float32', shape: ['N', 1, 24, 32], layout: 'NCHW', what: 'centres', units: '1' },
    { name: 'shift', type: 'float32', shape: ['N', 2, 24, 32], layout: 'NCHW', what: 'to the centre', units: 'cells' },
    { name: 'extra', type: 'float32', shape: ['N', 7, 3, 3], layout: 'NCHW', what: 'not used', units: '1' },
  ],
  preprocessing: {
    ...{ width: 128, height: 96, resize: 'nearest' },
    channels: [
      { what: 'blue', scale: 4.444, offset: -1.804 },
      { what: 'green', scale: 4.464, offset: -2.036 },
      { what: 'red', scale: 4.367, offset: -2.118 },
    ],
  },
  heads: {
    semantic: { output: 'logits', activation: 'softmax' },
    centre: { output: 'heat', activation: 'sigmoid' },
    offset: { output: 'shift' },
  },
  training: { command: '', seed: null, data_sha256: '', framework: 'another', epochs: 40 },
  metrics: [],
  sha256: 'a'.repeat(64),
  bytes: 1,
};

describe('a manifest', () => {
  it('of a shipped model is as it was written: nothing is added or lost', () => {
    const text = readFileSync(join(shippedPin().folder, 'manifest.json'), 'utf8');
    const { limits, ...told } = modelManifest.parse(JSON.parse(text));
    expect({ ...told, limits }).toEqual(JSON.parse(text));
    expect(modelManifest.parse(JSON.parse(JSON.stringify({ ...told, limits })))).toEqual({ ...told, limits });
  });

  it('can describe what somebody else trained, and fills in what may be left out', () => {
    const parsed = modelManifest.parse(FOREIGN);
    expect(parsed.preprocessing.channels[0]).toEqual({ what: 'blue', scale: 4.444, offset: -1.804, missing: 0 });
    expect(parsed.limits).toEqual([]);
    expect(parsed.training).toMatchObject({ framework: 'another', epochs: 40 });
  });

  const [logits, heat, shift] = FOREIGN.outputs;
  const wrong: [string, Partial<ModelManifestInput> | Record<string, unknown>, RegExp][] = [
    ['of another format', { format: 'surepick.model/2' }, /format/],
    ['without a licence', { licence: '' }, /licence: must be an SPDX licence expression/],
    ['with a licence that nobody knows', { licence: 'free for all' }, /licence/],
    ['with a path for a name', { name: '../x' }, /name/],
    ['with a name of a device', { name: 'nul' }, /name: no name of a device/],
    ['with a field that nobody knows', { weights: 'x.bin' }, /weights/],
    [
      'of other classes than it gives',
      { classes: FOREIGN.classes.slice(1) },
      /heads\.semantic\.output.*has 5 channels, must have 4/,
    ],
    [
      'with a class twice',
      { classes: [...FOREIGN.classes.slice(0, 4), FOREIGN.classes[0]] },
      /classes: each name may come once/,
    ],
    [
      'that knows no objects',
      { classes: FOREIGN.classes.map(({ name }) => ({ name, means: 'table' as const })) },
      /box or cylinder/,
    ],
    [
      'of another size than its input',
      { preprocessing: { ...FOREIGN.preprocessing, width: 96 } },
      /96x96, but the input is 128x96/,
    ],
    [
      'with a channel too few',
      { preprocessing: { ...FOREIGN.preprocessing, channels: FOREIGN.preprocessing.channels.slice(1) } },
      /2 of them, but the input has 3/,
    ],
    [
      'with limits the wrong way round',
      { preprocessing: { ...FOREIGN.preprocessing, channels: [{ what: 'red', limits: [1, 0] }] } },
      /first must be less/,
    ],
    [
      'with a scale of nothing',
      { preprocessing: { ...FOREIGN.preprocessing, channels: [{ what: 'red', scale: 0 }] } },
      /must not be 0/,
    ],
    ['with an output twice', { outputs: [...FOREIGN.outputs, logits] }, /names of their own/],
    ['with a head that is no output', { heads: { semantic: { output: 'none' } } }, /no output is called none/],
    [
      'with grids that differ',
      { outputs: [logits, { ...heat, shape: ['N', 1, 12, 16] }, shift] },
      /centre.*16x12 cells, but semantic has 32x24/,
    ],
    [
      'with an offset of one axis',
      { outputs: [logits, heat, { ...shift, shape: ['N', 1, 24, 32] }] },
      /offset.*must have 2/,
    ],
    ['of a size that no machine has', { outputs: [{ ...logits, shape: ['N', 8000, 8000, 5] }] }, /at most \d+ values/],
    ['of no size', { inputs: [{ ...FOREIGN.inputs[0], shape: ['N', 0, 128, 3] }] }, /inputs\.0\.shape\.1/],
    ['with a hash that is none', { sha256: 'A'.repeat(64) }, /sha256/],
    ['with lines in a line', { description: 'a\nb' }, /description: must be one line/],
  ];
  it.each(wrong)('%s is refused at its place', (_, change, told) => {
    const { error } = modelManifest.safeParse({ ...FOREIGN, ...change });
    const said = error?.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ') ?? '';
    expect(said).toMatch(told);
  });
});
