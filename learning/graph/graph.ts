import {
  type Attribute,
  type DataType,
  encodeModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx_format.ts';

/** A tensor in a graph under construction: a name with its type and static shape. */
export interface Value {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

/** Builds an ONNX graph node by node. Shapes are static and given by whoever adds a node. */
export class Graph {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly constants = new Map<string, Value>();
  private count = 0;

  input(name: string, type: DataType, shape: readonly number[]): Value {
    const value = { name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /** Makes a value an output of the graph under a name of its own. */
  output(name: string, value: Value): void {
    this.nodes.push({ op: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} });
    this.outputs.push({ ...value, name });
  }

  tensor(
    data: Float32Array | Int32Array | BigInt64Array,
    shape: readonly number[],
    name = this.fresh('constant'),
  ): Value {
    const type = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.initializers.push({ name, type, shape, data: bytes });
    return { name, type, shape };
  }

  /** Stands for an optional input that is not given. */
  absent(): Value {
    return { name: '', type: 'float32', shape: [] };
  }

  /** A scalar constant; equal ones are shared. */
  scalar(value: number): Value {
    return this.shared(`float ${value}`, () => this.tensor(Float32Array.of(value), []));
  }

  /** A vector of integers, as operators take axes, pads and shapes; equal ones are shared. */
  integers(values: readonly number[]): Value {
    return this.shared(`int64 ${values.join(' ')}`, () =>
      this.tensor(
        BigInt64Array.from(values, (v) => BigInt(v)),
        [values.length],
      ),
    );
  }

  /** Adds a node with one output of the given shape, of its first input's type unless said otherwise. */
  node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { type = inputs[0].type, domain = '' }: { type?: DataType; domain?: string } = {},
  ): Value {
    const name = this.fresh(op);
    this.nodes.push({ op, domain, inputs: inputs.map((v) => v.name), outputs: [name], attributes });
    return { name, type, shape };
  }

  /** Cuts a vector into pieces of the given lengths. */
  split(vector: Value, lengths: readonly number[]): Value[] {
    const outputs = lengths.map((length) => ({ name: this.fresh('Split'), type: vector.type, shape: [length] }));
    this.nodes.push({
      op: 'Split',
      domain: '',
      inputs: [vector.name, this.integers(lengths).name],
      outputs: outputs.map((v) => v.name),
      attributes: { axis: 0 },
    });
    return outputs;
  }

  /**
   * The model file.
   * @param free_axes  names of the axes of inputs and outputs whose size is free, by their number
   */
  encode(
    name: string,
    metadata: Readonly<Record<string, string>> = {},
    free_axes: Readonly<Record<number, string>> = {},
  ): Uint8Array {
    const { nodes, initializers } = this;
    const free = (value: OnnxValue): OnnxValue => ({
      ...value,
      shape: value.shape.map((side, axis) => free_axes[axis] ?? side),
    });
    return encodeModel({
      ...{ name, nodes, initializers, metadata },
      inputs: this.inputs.map(free),
      outputs: this.outputs.map(free),
    });
  }

  private fresh(prefix: string): string {
    return `${prefix}_${this.count++}`;
  }

  private shared(key: string, make: () => Value): Value {
    let value = this.constants.get(key);
    if (value === undefined) {
      value = make();
      this.constants.set(key, value);
    }
    return value;
  }
}

/** Elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
