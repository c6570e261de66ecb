/** Where a network can run, the fastest first. Only `cpu` gives equal bits everywhere. */
export const EXECUTION_PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What can answer a frame: a network on a provider, or colour and depth alone, which is the last in any order. */
export const DETECTION_PROVIDERS = [...EXECUTION_PROVIDERS, 'classical'] as const;
export type DetectionProvider = (typeof DETECTION_PROVIDERS)[number];

/** One input or output of a network. */
export interface TensorSpec {
  readonly name: string;
  readonly type: 'float32';
  /**
   * Row-major. `N`, only as the first axis: as many pictures at once as one likes. `rows` and `columns`: pictures of any
   * size.
   */
  readonly shape: readonly (number | 'N' | 'rows' | 'columns')[];
}

/** Size of pictures, cells. */
export interface PictureGrid {
  readonly width: number;
  readonly height: number;
}

/** What a network must take and give, in this order. */
export interface NetworkSpec {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** The greatest picture, where rows and columns are free. */
  readonly preprocessing?: PictureGrid;
}

/** Values by the name of their input or output, row-major. */
export type Tensors = Readonly<Record<string, Float32Array>>;

/** One loaded network. Inputs and outputs by name, float32, shapes as in the manifest. */
export interface Inference {
  /** Where it runs now. */
  readonly provider: ExecutionProvider;
  /** Why not on the first provider asked for; empty when it does. */
  readonly degraded_reason: string;
  /** Pictures that the last run took at once; absent where that is always one. */
  readonly batch?: number;
  /**
   * Runs the network once; one run at a time. Inputs may be written again when it has ended. A network that takes several
   * pictures at once is given as many as its inputs have room for.
   * @param grid  size of the pictures, where rows and columns are free; by default the greatest
   * @returns values that are valid until the next call
   * @throws InferenceError if it fails or gives values that are not finite
   */
  run(inputs: Tensors, grid?: PictureGrid): Promise<Tensors>;
  /** Counts and the like, with units in the names. */
  diagnostics?(): Readonly<Record<string, string | number>>;
  /** Lets go of what was loaded; a run that is at work ends first, or fails. */
  release(): Promise<void>;
}

/**
 * What went wrong: the bytes are not the network that was promised; the provider is not here; memory did not suffice; the
 * run failed; it gave values that are not finite; its thread ended; it gave no answer in time.
 */
export const INFERENCE_FAULTS = ['model', 'absent', 'memory', 'run', 'values', 'ended', 'silent'] as const;
export type InferenceFault = (typeof INFERENCE_FAULTS)[number];

/** A network that did not load, or a run that gave nothing. The message says what happened and where, in one line. */
export class InferenceError extends Error {
  readonly fault: InferenceFault;

  constructor(fault: InferenceFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InferenceError';
    this.fault = fault;
  }
}

/** In one line, whatever a library says. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

const NO_GRID: PictureGrid = { width: 0, height: 0 };

/** The greatest picture that a network is asked about. */
export function greatestGrid({ preprocessing = NO_GRID }: NetworkSpec): PictureGrid {
  return preprocessing;
}

/** The shape of a tensor of so many pictures of a size. */
export function shapeOf({ shape }: Pick<TensorSpec, 'shape'>, pictures: number, grid: PictureGrid): number[] {
  return shape.map((side) => {
    if (side === 'N') return pictures;
    return side === 'rows' ? grid.height : side === 'columns' ? grid.width : side;
  });
}

/** Number of values of a tensor of so many pictures of a size. */
export function valuesOf(spec: Pick<TensorSpec, 'shape'>, pictures: number, grid: PictureGrid): number {
  return shapeOf(spec, pictures, grid).reduce((product, side) => product * side, 1);
}

/** Arrays for tensors of so many pictures, all 0. */
export function emptyTensors(specs: readonly TensorSpec[], pictures: number, grid: PictureGrid): Tensors {
  return Object.fromEntries(specs.map((spec) => [spec.name, new Float32Array(valuesOf(spec, pictures, grid))]));
}

/** Whether a network takes several pictures at once. */
export function takesSeveral({ inputs, outputs }: NetworkSpec): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === 'N');
}

/**
 * How many pictures of a size the inputs hold.
 * @throws InferenceError if that is no whole number of at least 1 and at most `most`, or the pictures are too large
 */
export function picturesIn(inputs: Tensors, spec: NetworkSpec, most: number, grid: PictureGrid): number {
  const { inputs: specs } = spec;
  const greatest = greatestGrid(spec);
  if (grid.width > greatest.width || grid.height > greatest.height)
    throw new InferenceError(
      'run',
      `pictures of ${grid.width}x${grid.height} cells: at most ${greatest.width}x${greatest.height}`,
    );
  const [first] = specs;
  const pictures = inputs[first.name].length / valuesOf(first, 1, grid);
  const same = specs.every((one) => inputs[one.name].length === valuesOf(one, pictures, grid));
  if (same && Number.isInteger(pictures) && pictures >= 1 && pictures <= most) return pictures;
  const lengths = specs.map(({ name }) => `${name} of ${inputs[name].length} values`).join(', ');
  throw new InferenceError('run', `${lengths}: must be those of 1 to ${most} pictures`);
}

/** The part of arrays that so many pictures of a size take up. */
export function partOf(tensors: Tensors, specs: readonly TensorSpec[], pictures: number, grid: PictureGrid): Tensors {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, tensors[spec.name].subarray(0, valuesOf(spec, pictures, grid))]),
  );
}

/** Names a number of pictures of a size. */
export function runKey(pictures: number, { width, height }: PictureGrid): number {
  return (pictures * 65536 + width) * 65536 + height;
}
