import { VISION_CLASSES } from '../network_input.ts';
import type { Tensors } from '../runtime/index.ts';
import type { ModelInterface } from './manifest.ts';
import { type ManifestTensor, planeSize } from './manifest_tensors.ts';
import type { Grid } from './preprocessing.ts';

/** What a network says of one picture, in one order whatever its own. All grids have the same cells, row-major. */
export interface HeadPlanes {
  readonly width: number;
  readonly height: number;
  /** Probabilities [VISION_CLASSES, height, width]; what means something else is in none of them. */
  readonly semantic: Float32Array;
  /** How likely a cell is near an object's centre, [height, width]; null without this head. */
  readonly centre: Float32Array | null;
  /** From a cell to its object's centre, cells, x right and y down [2, height, width]. */
  readonly offset: Float32Array | null;
  /** [channels, height, width]. */
  readonly embedding: Float32Array | null;
}

/** One output brought into planes. */
interface HeadSource {
  readonly name: string;
  readonly channels: number;
  readonly values: number;
  /** Distance of neighbouring channels, and of neighbouring cells. */
  readonly channel_step: number;
  readonly cell_step: number;
  readonly activation: 'none' | 'softmax' | 'sigmoid';
  /** Of every channel, the plane it is added to; −1 for none. */
  readonly target: Int32Array;
  /** Where planes are written; null where the output is used as it is. */
  readonly planes: Float32Array | null;
}

/**
 * Reads a network's outputs by its manifest: names, layout, order of classes and what is still to be applied to them. Outputs
 * that are as wanted are handed on, not copied; the others are valid until the next call.
 */
export class HeadReader {
  readonly width: number;
  readonly height: number;
  private readonly cells: number;
  private readonly semantic: HeadSource;
  private readonly centre: HeadSource | null;
  private readonly offset: HeadSource | null;
  private readonly embedding: HeadSource | null;

  /** @param grid  of the pictures, where rows and columns are free */
  constructor(
    { heads, outputs, classes, preprocessing }: Pick<ModelInterface, 'heads' | 'outputs' | 'classes' | 'preprocessing'>,
    grid: Grid = preprocessing,
  ) {
    const tensorOf = (name: string): ManifestTensor => {
      const found = outputs.find((output) => output.name === name);
      if (found === undefined) throw new Error(`no output ${name}`);
      return found;
    };
    const source = (head: { output: string } | undefined) =>
      head === undefined ? null : sourceOf(tensorOf(head.output), grid, 'none');
    const { width, height } = planeSize(tensorOf(heads.semantic.output), grid);
    this.width = width;
    this.height = height;
    this.cells = width * height;
    const target = classes.map(({ means }) => (means === 'other' ? -1 : VISION_CLASSES.indexOf(means)));
    const { output, activation } = heads.semantic;
    this.semantic = sourceOf(tensorOf(output), grid, activation, target, VISION_CLASSES.length);
    const { centre } = heads;
    this.centre = centre === undefined ? null : sourceOf(tensorOf(centre.output), grid, centre.activation);
    this.offset = source(heads.offset);
    this.embedding = source(heads.embedding);
  }

  /** @param picture  which of the pictures that went through together */
  read(outputs: Tensors, picture = 0): HeadPlanes {
    const planes = (source: HeadSource | null) => (source === null ? null : this.planesOf(source, outputs, picture));
    return {
      ...{ width: this.width, height: this.height, semantic: this.planesOf(this.semantic, outputs, picture) },
      ...{ centre: planes(this.centre), offset: planes(this.offset), embedding: planes(this.embedding) },
    };
  }

  private planesOf(source: HeadSource, outputs: Tensors, picture: number): Float32Array {
    const { name, values, planes } = source;
    const all = outputs[name];
    const from = picture * values;
    if (planes === null) return from === 0 && all.length === values ? all : all.subarray(from, from + values);
    planes.fill(0);
    if (source.activation === 'softmax') this.addSoftmax(source, all, from, planes);
    else this.add(source, all, from, planes);
    return planes;
  }

  private add(source: HeadSource, all: Float32Array, from: number, planes: Float32Array): void {
    const { channels, channel_step, cell_step, target, activation } = source;
    for (let c = 0; c < channels; c++) {
      if (target[c] < 0) continue;
      let at = from + c * channel_step;
      for (let i = target[c] * this.cells, end = i + this.cells; i < end; i++, at += cell_step)
        planes[i] += activation === 'sigmoid' ? 1 / (1 + Math.exp(-all[at])) : all[at];
    }
  }

  /** exp(x − max) over its sum, cell by cell; the greatest is taken away first so that nothing overflows. */
  private addSoftmax(source: HeadSource, all: Float32Array, from: number, planes: Float32Array): void {
    const { channels, channel_step, cell_step, target } = source;
    for (let i = 0, first = from; i < this.cells; i++, first += cell_step) {
      let most = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < channels; c++) most = Math.max(most, all[first + c * channel_step]);
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += Math.exp(all[first + c * channel_step] - most);
      for (let c = 0; c < channels; c++)
        if (target[c] >= 0) planes[target[c] * this.cells + i] += Math.exp(all[first + c * channel_step] - most) / sum;
    }
  }
}

/**
 * @param target  of every channel, the plane it is added to; by default its own
 * @param planes  how many planes come of it; by default its channels
 */
function sourceOf(
  tensor: ManifestTensor,
  grid: Grid,
  activation: HeadSource['activation'],
  target: readonly number[] | null = null,
  planes: number | null = null,
): HeadSource {
  const { channels, width, height } = planeSize(tensor, grid);
  const cells = width * height;
  const to = Int32Array.from({ length: channels }, (_, c) => target?.[c] ?? c);
  const count = planes ?? channels;
  const ready =
    activation === 'none' && tensor.layout === 'NCHW' && count === channels && to.every((plane, c) => plane === c);
  return {
    ...{ name: tensor.name, channels, values: channels * cells, activation, target: to },
    channel_step: tensor.layout === 'NCHW' ? cells : 1,
    cell_step: tensor.layout === 'NCHW' ? 1 : channels,
    planes: ready ? null : new Float32Array(count * cells),
  };
}
