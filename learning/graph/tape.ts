import { elements, Graph, type Value } from './graph.ts';

/** One operation as it was recorded: how the gradient of its output becomes the gradients of its inputs. */
interface Step {
  readonly output: Value;
  readonly inputs: readonly Value[];
  /** Gradients of the inputs in their order; called only where one of them is wanted. */
  readonly back: (gradient: Value, wanted: (input: Value) => boolean) => readonly (Value | null)[];
}

export interface ConvolutionOptions {
  readonly stride?: 1 | 2;
  /** Distance of the kernel's samples; above 1 only without a stride. */
  readonly dilation?: number;
}

/**
 * Differentiable operations on an ONNX graph (float32, NCHW), recorded so that `gradients` can append the reverse sweep
 * to the same graph (reverse-mode differentiation; Griewank and Walther, Evaluating Derivatives, ch. 3). Training with
 * the result needs nothing but an ONNX runtime.
 */
export class Tape {
  readonly graph: Graph;
  private readonly steps: Step[] = [];

  constructor(graph: Graph = new Graph()) {
    this.graph = graph;
  }

  /** 2-D convolution, odd square kernel w [out, in, k, k], bias [out], padded so that only the stride changes the size. */
  conv(x: Value, w: Value, bias: Value, { stride = 1, dilation = 1 }: ConvolutionOptions = {}): Value {
    if (stride > 1 && dilation > 1)
      throw new Error(`stride ${stride} with dilation ${dilation}: one of them must be 1`);
    const g = this.graph;
    const [n, , height, width] = x.shape;
    const [co, , k] = w.shape;
    const half = k >> 1;
    const h = Math.floor((height + 2 * half - k) / stride) + 1;
    const v = Math.floor((width + 2 * half - k) / stride) + 1;
    const y = g.node('Conv', [x, w, bias], [n, co, h, v], kernelAttributes(k, stride, dilation));
    return this.record(y, [x, w, bias], (dy, wanted) => [
      wanted(x) ? this.convInputGradient(dy, x, w, stride, dilation) : null,
      wanted(w) ? this.convWeightGradient(dy, x, w, stride, dilation) : null,
      wanted(bias) ? g.node('ReduceSum', [dy, g.integers([0, 2, 3])], [co], { keepdims: 0 }) : null,
    ]);
  }

  /** x [n, in] times w [in, out] plus bias [out]. */
  dense(x: Value, w: Value, bias: Value): Value {
    const g = this.graph;
    const [n, ci] = x.shape;
    const co = w.shape[1];
    const y = g.node('Gemm', [x, w, bias], [n, co]);
    return this.record(y, [x, w, bias], (dy, wanted) => [
      wanted(x) ? g.node('Gemm', [dy, w], [n, ci], { transB: 1 }) : null,
      wanted(w) ? g.node('Gemm', [x, dy], [ci, co], { transA: 1 }) : null,
      wanted(bias) ? g.node('ReduceSum', [dy, g.integers([0])], [co], { keepdims: 0 }) : null,
    ]);
  }

  relu(x: Value): Value {
    const g = this.graph;
    const y = g.node('Relu', [x], x.shape);
    return this.record(y, [x], (dy) => [g.node('Mul', [dy, g.node('Sign', [y], y.shape)], x.shape)]);
  }

  tanh(x: Value): Value {
    const g = this.graph;
    const y = g.node('Tanh', [x], x.shape);
    return this.record(y, [x], (dy) => {
      const slope = g.node('Sub', [g.scalar(1), g.node('Mul', [y, y], y.shape)], y.shape);
      return [g.node('Mul', [dy, slope], x.shape)];
    });
  }

  /** Square root; values must be above 0. */
  sqrt(x: Value): Value {
    const g = this.graph;
    const y = g.node('Sqrt', [x], x.shape);
    return this.record(y, [x], (dy) => [g.node('Div', [g.node('Mul', [dy, g.scalar(0.5)], x.shape), y], x.shape)]);
  }

  exp(x: Value): Value {
    const g = this.graph;
    const y = g.node('Exp', [x], x.shape);
    return this.record(y, [x], (dy) => [g.node('Mul', [dy, y], x.shape)]);
  }

  /** Logarithm of the softmax over axis 1. */
  logSoftmax(x: Value): Value {
    const g = this.graph;
    const y = g.node('LogSoftmax', [x], x.shape, { axis: 1 });
    return this.record(y, [x], (dy) => {
      const sums = x.shape.map((n, axis) => (axis === 1 ? 1 : n));
      const total = g.node('ReduceSum', [dy, g.integers([1])], sums, { keepdims: 1 });
      const spread = g.node('Mul', [g.node('Exp', [y], y.shape), total], x.shape);
      return [g.node('Sub', [dy, spread], x.shape)];
    });
  }

  add(a: Value, b: Value): Value {
    const y = this.graph.node('Add', [a, b], broadcast(a.shape, b.shape));
    return this.record(y, [a, b], (dy, wanted) => [
      wanted(a) ? this.sumTo(dy, a.shape) : null,
      wanted(b) ? this.sumTo(dy, b.shape) : null,
    ]);
  }

  sub(a: Value, b: Value): Value {
    const g = this.graph;
    const y = g.node('Sub', [a, b], broadcast(a.shape, b.shape));
    return this.record(y, [a, b], (dy, wanted) => [
      wanted(a) ? this.sumTo(dy, a.shape) : null,
      wanted(b) ? this.sumTo(g.node('Neg', [dy], dy.shape), b.shape) : null,
    ]);
  }

  mul(a: Value, b: Value): Value {
    const g = this.graph;
    const y = g.node('Mul', [a, b], broadcast(a.shape, b.shape));
    return this.record(y, [a, b], (dy, wanted) => [
      wanted(a) ? this.sumTo(g.node('Mul', [dy, b], dy.shape), a.shape) : null,
      wanted(b) ? this.sumTo(g.node('Mul', [dy, a], dy.shape), b.shape) : null,
    ]);
  }

  div(a: Value, b: Value): Value {
    const g = this.graph;
    const y = g.node('Div', [a, b], broadcast(a.shape, b.shape));
    return this.record(y, [a, b], (dy, wanted) => {
      const da = g.node('Div', [dy, b], dy.shape);
      return [
        wanted(a) ? this.sumTo(da, a.shape) : null,
        wanted(b) ? this.sumTo(g.node('Neg', [g.node('Mul', [da, y], dy.shape)], dy.shape), b.shape) : null,
      ];
    });
  }

  /** Sum over the given axes, which stay with length 1. */
  sum(x: Value, axes: readonly number[]): Value {
    const g = this.graph;
    const shape = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const y = g.node('ReduceSum', [x, g.integers(axes)], shape, { keepdims: 1 });
    return this.record(y, [x], (dy) => [g.node('Expand', [dy, g.integers(x.shape)], x.shape)]);
  }

  /** Joins along axis 1. */
  concat(parts: readonly Value[]): Value {
    const g = this.graph;
    const [first] = parts;
    const channels = parts.map((part) => part.shape[1]);
    const total = channels.reduce((a, b) => a + b, 0);
    const y = g.node(
      'Concat',
      parts,
      first.shape.map((n, axis) => (axis === 1 ? total : n)),
      { axis: 1 },
    );
    return this.record(y, parts, (dy, wanted) => {
      let start = 0;
      return parts.map((part, i) => {
        const from = start;
        start += channels[i];
        if (!wanted(part)) return null;
        const range = [g.integers([from]), g.integers([start]), g.integers([1])];
        return g.node('Slice', [dy, ...range], part.shape);
      });
    });
  }

  /** Moves channels into r×r blocks of pixels: [n, c·r², h, w] to [n, c, r·h, r·w] (ONNX DepthToSpace, DCR). */
  depthToSpace(x: Value, r: number): Value {
    const g = this.graph;
    const [n, c, h, w] = x.shape;
    const y = g.node('DepthToSpace', [x], [n, c / r / r, h * r, w * r], { blocksize: r, mode: 'DCR' });
    return this.record(y, [x], (dy) => [g.node('SpaceToDepth', [dy], x.shape, { blocksize: r })]);
  }

  /** Repeats every pixel in 2×2 pixels: [n, c, h, w] to [n, c, 2h, 2w]. */
  double(x: Value): Value {
    const g = this.graph;
    const [n, c, h, w] = x.shape;
    const scales = g.tensor(Float32Array.of(1, 1, 2, 2), [4]);
    const how = { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' };
    const y = g.node('Resize', [x, g.absent(), scales], [n, c, 2 * h, 2 * w], how);
    return this.record(y, [x], (dy) => {
      const mean = g.node('AveragePool', [dy], x.shape, { kernel_shape: [2, 2], strides: [2, 2] });
      return [g.node('Mul', [mean, g.scalar(4)], x.shape)];
    });
  }

  reshape(x: Value, shape: readonly number[]): Value {
    const g = this.graph;
    const y = g.node('Reshape', [x, g.integers(shape)], shape);
    return this.record(y, [x], (dy) => [g.node('Reshape', [dy, g.integers(x.shape)], x.shape)]);
  }

  /** A leaf that `gradients` may be asked for, e.g. a piece of the parameter vector. */
  constant(value: number): Value {
    return this.graph.scalar(value);
  }

  /** Gradients of a one-element `loss` with respect to values used in it. The reverse sweep is appended to the graph. */
  gradients(loss: Value, targets: readonly Value[]): Value[] {
    const g = this.graph;
    if (elements(loss.shape) !== 1) throw new Error(`loss of shape [${loss.shape.join(', ')}] is not one number`);
    const needed = new Set(targets.map((target) => target.name));
    for (const step of this.steps) {
      if (step.inputs.some((input) => needed.has(input.name))) needed.add(step.output.name);
    }
    const gradient = new Map<string, Value>();
    gradient.set(loss.name, g.tensor(Float32Array.of(1), loss.shape));
    const wanted = (value: Value): boolean => needed.has(value.name);
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const { output, inputs, back } = this.steps[i];
      const dy = gradient.get(output.name);
      if (dy === undefined || !wanted(output)) continue;
      back(dy, wanted).forEach((dx, k) => {
        if (dx === null || !wanted(inputs[k])) return;
        const { name, shape } = inputs[k];
        const before = gradient.get(name);
        gradient.set(name, before === undefined ? dx : g.node('Add', [before, dx], shape));
      });
    }
    return targets.map((target) => {
      const found = gradient.get(target.name);
      if (found === undefined) throw new Error(`loss does not depend on ${target.name}`);
      return found;
    });
  }

  private record(output: Value, inputs: readonly Value[], back: Step['back']): Value {
    this.steps.push({ output, inputs, back });
    return output;
  }

  /** Sums a gradient over the axes along which its value had been broadcast. */
  private sumTo(dy: Value, shape: readonly number[]): Value {
    const g = this.graph;
    const extra = dy.shape.length - shape.length;
    const axes: number[] = [];
    for (let axis = 0; axis < dy.shape.length; axis++) {
      if (axis < extra || (shape[axis - extra] === 1 && dy.shape[axis] !== 1)) axes.push(axis);
    }
    if (axes.length === 0) return dy;
    const kept = dy.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const summed = g.node('ReduceSum', [dy, g.integers(axes)], kept, { keepdims: 1 });
    return extra === 0 ? summed : g.node('Reshape', [summed, g.integers(shape)], shape);
  }

  private convInputGradient(dy: Value, x: Value, w: Value, stride: number, dilation: number): Value {
    const g = this.graph;
    const [co, ci, k] = w.shape;
    if (stride === 1) {
      let turned = g.node('Transpose', [w], [ci, co, k, k], { perm: [1, 0, 2, 3] });
      if (k > 1) {
        const flip = [
          [-1, -1],
          [-k - 1, -k - 1],
          [2, 3],
          [-1, -1],
        ].map((values) => g.integers(values));
        turned = g.node('Slice', [turned, ...flip], turned.shape);
      }
      return g.node('Conv', [dy, turned], x.shape, kernelAttributes(k, 1, dilation));
    }
    const rest = (size: number, out: number): number => size - ((out - 1) * stride + k - 2 * (k >> 1));
    return g.node('ConvTranspose', [dy, w], x.shape, {
      ...kernelAttributes(k, stride, 1),
      output_padding: [rest(x.shape[2], dy.shape[2]), rest(x.shape[3], dy.shape[3])],
    });
  }

  /** Gradient of the kernel as one matrix product of the output's gradient with shifted copies of the input. */
  private convWeightGradient(dy: Value, x: Value, w: Value, stride: number, dilation: number): Value {
    const g = this.graph;
    const [n, ci] = x.shape;
    const [co, , k] = w.shape;
    const [, , h, v] = dy.shape;
    const pad = dilation * (k >> 1);
    let columns = x;
    if (k > 1 || stride > 1) {
      const padded = g.node(
        'Pad',
        [x, g.integers([0, 0, pad, pad, 0, 0, pad, pad])],
        [n, ci, x.shape[2] + 2 * pad, x.shape[3] + 2 * pad],
      );
      const shifted: Value[] = [];
      for (let a = 0; a < k; a++) {
        for (let b = 0; b < k; b++) {
          const starts = [a * dilation, b * dilation];
          const ends = [starts[0] + (h - 1) * stride + 1, starts[1] + (v - 1) * stride + 1];
          const range = [starts, ends, [2, 3], [stride, stride]].map((values) => g.integers(values));
          shifted.push(g.node('Slice', [padded, ...range], [n, ci, h, v]));
        }
      }
      columns = g.node('Concat', shifted, [n, k * k * ci, h, v], { axis: 1 });
    }
    const rows = k * k * ci;
    const flatColumns = g.node('Reshape', [columns, g.integers([n, rows, h * v])], [n, rows, h * v]);
    const flatGradient = g.node('Reshape', [dy, g.integers([n, co, h * v])], [n, co, h * v]);
    const product = g.node(
      'FusedMatMul',
      [flatGradient, flatColumns],
      [n, co, rows],
      { transB: 1 },
      { domain: 'com.microsoft' },
    );
    const summed = g.node('ReduceSum', [product, g.integers([0])], [co, rows], { keepdims: 0 });
    const grouped = g.node('Reshape', [summed, g.integers([co, k * k, ci])], [co, k * k, ci]);
    const ordered = g.node('Transpose', [grouped], [co, ci, k * k], { perm: [0, 2, 1] });
    return g.node('Reshape', [ordered, g.integers(w.shape)], w.shape);
  }
}

function kernelAttributes(k: number, stride: number, dilation: number): Record<string, number[]> {
  const pad = dilation * (k >> 1);
  return {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    kernel_shape: [k, k],
    ...(dilation === 1 ? {} : { dilations: [dilation, dilation] }),
  };
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => {
    const p = a[i - length + a.length] ?? 1;
    const q = b[i - length + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    return Math.max(p, q);
  });
}
