/** A sound ONNX file that no detector of ours can use: y = x over three floats. Field numbers: onnx.proto3. */
export function foreignOnnx(): Uint8Array {
  const type = field(1, field(1, 1), field(2, field(1, field(1, 3))));
  const value = (id: number, name: string) => field(id, field(1, name), field(2, type));
  const node = field(1, field(1, 'x'), field(2, 'y'), field(4, 'Identity'));
  const graph = field(7, node, field(2, 'identity'), value(11, 'x'), value(12, 'y'));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** What a linear network has beside observation and actions. */
export interface LinearExtras {
  /** A further input `pictures` of this shape; the mean of its values is added to every action. */
  readonly pictures?: readonly number[];
  /** A further output `sure` [1, 1] that is always this. */
  readonly logit?: number;
}

/** A network `actions` [1, chunk, action] = `observation` [1, n] times `weights` (n rows of chunk·action), float32. */
export function linearOnnx(
  n: number,
  chunk: number,
  action: number,
  weights: Float32Array,
  { pictures, logit }: LinearExtras = {},
): Uint8Array {
  const value = (id: number, name: string, dims: readonly number[]) => {
    const shape = field(2, new Uint8Array(0), ...dims.map((dim) => field(1, field(1, dim))));
    return field(id, field(1, name), field(2, field(1, field(1, 1), shape)));
  };
  const tensor = (name: string, type: number, dims: readonly number[], raw: Uint8Array) =>
    field(
      5,
      ...[field(1, dims[0]), ...dims.slice(1).map((dim) => field(1, dim))],
      field(2, type),
      field(8, name),
      field(9, raw),
    );
  const raw = (values: Float32Array | BigInt64Array) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const node = (op: string, [first, ...others]: readonly string[], to: string, ...attributes: Uint8Array[]) =>
    field(1, field(1, first), ...others.map((one) => field(1, one)), field(2, to), field(4, op), ...attributes);
  const scalar = field(5, field(1, 'keepdims'), field(3, 0), int(20, 2));
  const graph = field(
    7,
    node('MatMul', ['observation', 'weights'], 'flat'),
    ...(pictures === undefined
      ? []
      : [node('ReduceMean', ['pictures'], 'mean', scalar), node('Add', ['flat', 'mean'], 'lit')]),
    node('Reshape', [pictures === undefined ? 'flat' : 'lit', 'shape'], 'actions'),
    ...(logit === undefined ? [] : [node('Identity', ['logit'], 'sure')]),
    field(2, 'linear'),
    tensor('weights', 1, [n, chunk * action], raw(weights)),
    tensor('shape', 7, [3], raw(BigInt64Array.of(1n, BigInt(chunk), BigInt(action)))),
    ...(logit === undefined ? [] : [tensor('logit', 1, [1, 1], raw(Float32Array.of(logit)))]),
    value(11, 'observation', [1, n]),
    ...(pictures === undefined ? [] : [value(11, 'pictures', pictures)]),
    value(12, 'actions', [1, chunk, action]),
    ...(logit === undefined ? [] : [value(12, 'sure', [1, 1])]),
  );
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** A network y = x + w over three floats whose weights are said to be in a file at `location`, as ONNX allows. */
export function externalOnnx(location: string): Uint8Array {
  const value = (id: number, name: string) =>
    field(id, field(1, name), field(2, field(1, field(1, 1), field(2, field(1, field(1, 3))))));
  const entry = (key: string, text: string) => field(13, field(1, key), field(2, text));
  const weights = field(5, field(1, 3), field(2, 1), field(8, 'w'), entry('location', location), field(14, 1));
  const node = field(1, field(1, 'x'), field(1, 'w'), field(2, 'y'), field(4, 'Add'));
  const graph = field(7, node, field(2, 'external'), weights, value(11, 'x'), value(12, 'y'));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** A network of one operator of a domain that onnxruntime itself does not have. */
export function customOperatorOnnx(domain: string, operator: string): Uint8Array {
  const value = (id: number, name: string) =>
    field(id, field(1, name), field(2, field(1, field(1, 1), field(2, field(1, field(1, 3))))));
  const node = field(1, field(1, 'x'), field(2, 'y'), field(4, operator), field(7, domain));
  const graph = field(7, node, field(2, 'custom'), value(11, 'x'), value(12, 'y'));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13)), field(8, field(1, domain), field(2, 1))]);
}

/** A network `sure` [1, 1, height, width] = the brightest channel of `picture` [1, 3, height, width]. */
export function brightestOnnx(width: number, height: number): Uint8Array {
  const value = (id: number, name: string, channels: number) => {
    const dims = [1, channels, height, width].map((dim) => field(1, field(1, dim)));
    return field(id, field(1, name), field(2, field(1, field(1, 1), field(2, new Uint8Array(0), ...dims))));
  };
  const axes = field(5, field(1, 'axes'), field(8, 1), int(20, 7));
  const node = field(1, field(1, 'picture'), field(2, 'sure'), field(4, 'ReduceMax'), axes);
  const graph = field(7, node, field(2, 'brightest'), value(11, 'picture', 3), value(12, 'sure', 1));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/**
 * A network y = x over three floats that needs x0 · x1 · x2 further floats on the way: whoever asks for more than there is
 * finds it out of memory.
 */
export function demandingOnnx(): Uint8Array {
  const value = (id: number, name: string) =>
    field(id, field(1, name), field(2, field(1, field(1, 1), field(2, field(1, field(1, 3))))));
  const whole = (name: string, number: number) => field(5, field(1, name), field(3, number), int(20, 2));
  const node = (op: string, [first, ...others]: readonly string[], to: string, ...attributes: Uint8Array[]) =>
    field(1, field(1, first), ...others.map((one) => field(1, one)), field(2, to), field(4, op), ...attributes);
  const graph = field(
    7,
    node('Cast', ['x'], 'shape', whole('to', 7)),
    node('ConstantOfShape', ['shape'], 'zeros'),
    node('ReduceSum', ['zeros'], 'nothing', whole('keepdims', 0)),
    node('Add', ['x', 'nothing'], 'y'),
    field(2, 'demanding'),
    value(11, 'x'),
    value(12, 'y'),
  );
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** A network y [N, 3] = √x that takes any number of pictures of three values at once. */
export function anyNumberOnnx(): Uint8Array {
  const dims = field(2, field(1, field(2, 'N')), field(1, field(1, 3)));
  const value = (id: number, name: string) => field(id, field(1, name), field(2, field(1, field(1, 1), dims)));
  const node = field(1, field(1, 'x'), field(2, 'y'), field(4, 'Sqrt'));
  const graph = field(7, node, field(2, 'roots'), value(11, 'x'), value(12, 'y'));
  return Buffer.concat([field(1, 8), graph, field(8, field(2, 13))]);
}

/** A number under a field of two bytes. */
function int(id: number, value: number): Uint8Array {
  return Buffer.concat([varint(id << 3), varint(value)]);
}

/** One protobuf field: a number as varint, text or fields length-delimited. */
function field(id: number, value: number | string | Uint8Array, ...more: Uint8Array[]): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([Uint8Array.of(id << 3), varint(value)]);
  const body = Buffer.concat([typeof value === 'string' ? Buffer.from(value) : value, ...more]);
  return Buffer.concat([Uint8Array.of((id << 3) | 2), varint(body.length), body]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push(left < 128 ? left : (left % 128) | 128);
    if (left < 128) return Uint8Array.from(bytes);
  }
}
