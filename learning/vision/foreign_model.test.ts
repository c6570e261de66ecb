import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ChannelSpec,
  hashOf,
  type ModelManifest,
  type ModelManifestInput,
  ModelRepository,
  modelManifest,
  openDetector,
  planeSize,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { wrappedOnnx } from '../../test/support/wrapped_onnx.ts';
import { Graph } from '../graph/index.ts';
import { type DetectorReport, evaluateDetector, evaluationScene } from './evaluate.ts';
import { SceneGenerator, type VisionScene } from './scenes.ts';

/** How the foreign network normalises each channel: unlike the shipped one. */
const MEAN = 0.45;
const DEVIATION = 0.22;
const robot = loadRobot('panda').model;
const folder = mkdtempSync(join(tmpdir(), 'foreign model '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let scenes: VisionScene[] = [];
let shipped: ModelManifest;
let shippedBytes: Uint8Array;

beforeAll(async () => {
  const generator = new SceneGenerator();
  scenes = Array.from({ length: 16 }, (_, i) => evaluationScene(generator, 881, i, 'task', robot));
  ({ manifest: shipped, bytes: shippedBytes } = await new ModelRepository().load('vision'));
});

/** A channel of the shipped network as the foreign one takes it, with what brings it back: a · value + b. */
function foreignChannel({ what, scale, offset, limits, missing }: ChannelSpec): {
  readonly channel: ChannelSpec;
  readonly a: number;
  readonly b: number;
} {
  const own = what === 'red' || what === 'green' || what === 'blue' ? 1 / DEVIATION : 3.7;
  const shift = -MEAN * own;
  const foreign = (value: number) => own * ((value - offset) / scale) + shift;
  const ends = limits?.map(foreign);
  const channel = { what, scale: own, offset: shift, missing: foreign(missing) };
  return {
    channel: ends === undefined ? channel : { ...channel, limits: [ends[0], ends[1]] },
    a: scale / own,
    b: offset - (scale / own) * shift,
  };
}

/**
 * The shipped network as somebody else might have trained it: half the size, blue first, channels last and normalised
 * otherwise; it gives log odds of classes in another order under names of its own, channels last.
 */
function foreignModel(): { bytes: Uint8Array; manifest: ModelManifestInput } {
  const [input] = shipped.inputs;
  const { width, height, channels } = planeSize(input, shipped.preprocessing);
  const semantic = shipped.outputs.find(({ name }) => name === shipped.heads.semantic.output);
  if (semantic === undefined) throw new Error('no semantic output');
  const grid = planeSize(semantic, shipped.preprocessing);
  const [w, h] = [width / 2, height / 2];
  const order = Array.from({ length: channels }, (_, c) => channels - 1 - c);
  const taken = order.map((c) => foreignChannel(shipped.preprocessing.channels[c]));
  const back = order.map((_, c) => order.indexOf(c));

  const before = new Graph();
  const pixels = before.input('pixels', 'float32', [1, h, w, channels]);
  const planes = before.node('Transpose', [pixels], [1, channels, h, w], { perm: [0, 3, 1, 2] });
  const indices = before.tensor(BigInt64Array.from(back, BigInt), [channels], 'foreign_order');
  const sorted = before.node('Gather', [planes, indices], planes.shape, { axis: 1 });
  const perChannel = (value: (k: number) => number, name: string) =>
    before.tensor(Float32Array.from(back, value), [1, channels, 1, 1], name);
  const scaled = before.node('Mul', [sorted, perChannel((k) => taken[k].a, 'foreign_a')], sorted.shape);
  const shifted = before.node('Sub', [scaled, perChannel((k) => -taken[k].b, 'foreign_b')], sorted.shape);
  const none = before.tensor(new Float32Array(0), [0], 'foreign_roi');
  const twice = before.tensor(Float32Array.of(1, 1, 2, 2), [4], 'foreign_sizes');
  const grown = before.node('Resize', [shifted, none, twice], [1, channels, height, width], { mode: 'nearest' });
  before.output(input.name, grown);

  const after = new Graph();
  const shape = [1, grid.channels, grid.height, grid.width];
  const given = after.input(semantic.name, 'float32', shape);
  const classes = [...shipped.classes.keys()].reverse();
  const permutation = after.tensor(BigInt64Array.from(classes, BigInt), [classes.length], 'foreign_classes');
  const floor = after.tensor(Float32Array.of(1e-6), [1], 'foreign_floor');
  const safe = after.node('Max', [after.node('Gather', [given, permutation], shape, { axis: 1 }), floor], shape);
  const last = [1, grid.height, grid.width, grid.channels];
  after.output('scores', after.node('Transpose', [after.node('Log', [safe], shape)], last, { perm: [0, 2, 3, 1] }));

  const bytes = wrappedOnnx(before.encode('before'), shippedBytes, after.encode('after'));
  const words = { background: 'void', table: 'desk', robot: 'arm', box: 'brick', cylinder: 'can', other: 'else' };
  return {
    bytes,
    manifest: {
      ...{ format: 'surepick.model/1', name: 'foreign', version: '0.1.0', role: 'fast', licence: 'MIT' },
      description: 'Another layout, size, order and normalisation.',
      classes: classes.map((c) => ({ name: words[shipped.classes[c].means], means: shipped.classes[c].means })),
      inputs: [
        { name: 'pixels', type: 'float32', shape: [1, h, w, channels], layout: 'NHWC', what: 'picture', units: '' },
      ],
      outputs: [
        {
          ...{ name: 'scores', type: 'float32', layout: 'NHWC', what: 'log odds', units: '1' },
          shape: [1, grid.height, grid.width, grid.channels],
        },
      ],
      preprocessing: { width: w, height: h, resize: 'area', channels: taken.map(({ channel }) => channel) },
      heads: { semantic: { output: 'scores', activation: 'softmax' } },
      training: { command: '', seed: null, data_sha256: '' },
      metrics: [],
      sha256: hashOf(bytes),
      bytes: bytes.length,
    },
  };
}

/** A network of three colours alone, with two classes: whatever is colourful is a thing. */
function colourModel(): { bytes: Uint8Array; manifest: ModelManifestInput } {
  const [width, height] = [96, 64];
  const graph = new Graph();
  const picture = graph.input('rgb', 'float32', [1, 3, height, width]);
  const one = [1, 1, height, width];
  const ends = { axes: [1], keepdims: 1 };
  const most = graph.node('ReduceMax', [picture], one, ends);
  const least = graph.node('ReduceMin', [picture], one, ends);
  // Of values up to 255, a difference of 70 is colourful.
  const over = graph.node('Sub', [graph.node('Sub', [most, least], one), graph.scalar(70)], one);
  const sure = graph.node('Mul', [over, graph.scalar(0.1)], one);
  graph.output(
    'logits',
    graph.node('Concat', [sure, graph.node('Neg', [sure], one)], [1, 2, height, width], { axis: 1 }),
  );
  const bytes = graph.encode('colour');
  const tensor = { type: 'float32', layout: 'NCHW', units: '1' } as const;
  const channels = (['red', 'green', 'blue'] as const).map((what) => ({ what, scale: 255 }));
  return {
    bytes,
    manifest: {
      ...{ format: 'surepick.model/1', name: 'colour', version: '1.0.0', role: 'fast', licence: 'MIT' },
      description: 'Colour alone.',
      classes: [
        { name: 'thing', means: 'box' },
        { name: 'rest', means: 'background' },
      ],
      inputs: [{ ...tensor, name: 'rgb', shape: [1, 3, height, width], what: 'colours to 255' }],
      outputs: [{ ...tensor, name: 'logits', shape: [1, 2, height, width], what: 'log odds' }],
      preprocessing: { width, height, resize: 'nearest', channels },
      heads: { semantic: { output: 'logits', activation: 'softmax' } },
      training: { command: '', seed: null, data_sha256: '' },
      metrics: [],
      sha256: hashOf(bytes),
      bytes: bytes.length,
    },
  };
}

async function report(bytes: Uint8Array, manifest: ModelManifestInput): Promise<DetectorReport> {
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const detector = await openDetector(join(folder, 'model.onnx'), { providers: ['cpu'] });
  try {
    return await evaluateDetector(detector, scenes);
  } finally {
    await detector.close();
  }
}

describe('a model that somebody else trained', () => {
  it('finds objects as its manifest says how it is asked: size, order, layout, normalisation, log odds, names', async () => {
    const { bytes, manifest } = foreignModel();
    const { objects, recall, spurious, class_accuracy, position_mm } = await report(bytes, manifest);
    expect(objects).toBeGreaterThan(25);
    expect(recall).toBeGreaterThan(0.95);
    expect(spurious).toBeLessThanOrEqual(1);
    expect(class_accuracy).toBeGreaterThan(0.95);
    expect(position_mm.median).toBeLessThan(1);
  });

  it('finds less, or nothing, where its manifest says something else than what it was trained with', async () => {
    const { bytes, manifest } = foreignModel();
    const { recall } = await report(bytes, manifest);
    const { preprocessing, classes } = manifest;
    const swapped = { ...preprocessing, channels: [...preprocessing.channels].reverse() };
    expect((await report(bytes, { ...manifest, preprocessing: swapped })).recall).toBeLessThan(recall - 0.2);
    const turned = [...classes].map(({ name }, c) => ({ name, means: classes[classes.length - 1 - c].means }));
    expect((await report(bytes, { ...manifest, classes: turned })).recall).toBeLessThan(recall - 0.2);
  });

  it('may see colours alone, and know fewer classes', async () => {
    const { bytes, manifest } = colourModel();
    const { recall, class_accuracy } = await report(bytes, manifest);
    expect(recall).toBeGreaterThan(0.9);
    // It calls everything a box; the outline says otherwise where it is sure.
    expect(class_accuracy).toBeGreaterThan(0.4);
    const blind = {
      ...manifest.preprocessing,
      channels: manifest.preprocessing.channels.map((one) => ({ ...one, scale: 1 })),
    };
    expect((await report(bytes, { ...manifest, preprocessing: blind })).recall).toBe(0);
  });

  it('is refused where its file takes or gives other than its manifest says', async () => {
    const { bytes, manifest } = foreignModel();
    const [output] = manifest.outputs;
    const other = { ...manifest, outputs: [{ ...output, name: 'other' }], heads: { semantic: { output: 'other' } } };
    await expect(report(bytes, modelManifest.parse(other))).rejects.toThrow(/outputs .*must be/);
  });
});
