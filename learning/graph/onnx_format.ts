import protobuf from 'protobufjs/light.js';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

/**
 * The part of the ONNX format (onnx.proto, IR version 8) that models built here use. Field numbers are the format's own.
 */
const ROOT = protobuf.Root.fromJSON({
  nested: {
    onnx: {
      nested: {
        ModelProto: {
          fields: {
            irVersion: { type: 'int64', id: 1 },
            producerName: { type: 'string', id: 2 },
            producerVersion: { type: 'string', id: 3 },
            graph: { type: 'GraphProto', id: 7 },
            opsetImport: { rule: 'repeated', type: 'OperatorSetIdProto', id: 8 },
            metadataProps: { rule: 'repeated', type: 'StringStringEntryProto', id: 14 },
          },
        },
        OperatorSetIdProto: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
        StringStringEntryProto: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
        GraphProto: {
          fields: {
            node: { rule: 'repeated', type: 'NodeProto', id: 1 },
            name: { type: 'string', id: 2 },
            initializer: { rule: 'repeated', type: 'TensorProto', id: 5 },
            input: { rule: 'repeated', type: 'ValueInfoProto', id: 11 },
            output: { rule: 'repeated', type: 'ValueInfoProto', id: 12 },
          },
        },
        NodeProto: {
          fields: {
            input: { rule: 'repeated', type: 'string', id: 1 },
            output: { rule: 'repeated', type: 'string', id: 2 },
            name: { type: 'string', id: 3 },
            opType: { type: 'string', id: 4 },
            attribute: { rule: 'repeated', type: 'AttributeProto', id: 5 },
            domain: { type: 'string', id: 7 },
          },
        },
        AttributeProto: {
          fields: {
            name: { type: 'string', id: 1 },
            f: { type: 'float', id: 2 },
            i: { type: 'int64', id: 3 },
            s: { type: 'bytes', id: 4 },
            ints: { rule: 'repeated', type: 'int64', id: 8 },
            type: { type: 'int32', id: 20 },
          },
        },
        TensorProto: {
          fields: {
            dims: { rule: 'repeated', type: 'int64', id: 1 },
            dataType: { type: 'int32', id: 2 },
            name: { type: 'string', id: 8 },
            rawData: { type: 'bytes', id: 9 },
          },
        },
        ValueInfoProto: { fields: { name: { type: 'string', id: 1 }, type: { type: 'TypeProto', id: 2 } } },
        TypeProto: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
        TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShapeProto', id: 2 } } },
        TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
        Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
      },
    },
  },
});
const MODEL = ROOT.lookupType('onnx.ModelProto');

/** TensorProto.DataType. */
export const DATA_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type DataType = keyof typeof DATA_TYPE;

/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** A number is an integer attribute; `{ float }` a floating-point one. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  /** Little-endian values. */
  readonly data: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: DataType;
  /** A name stands for a size that is free; equal names, equal sizes. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

const OPSET = 17;

/** Serialises a model; equal graphs give equal bytes. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const message = MODEL.fromObject({
    irVersion: 8,
    producerName: 'surepick',
    graph: {
      name: graph.name,
      node: graph.nodes.map((node) => ({
        input: node.inputs,
        output: node.outputs,
        name: `${node.outputs[0]}/${node.op}`,
        opType: node.op,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
        domain: node.domain,
      })),
      initializer: graph.initializers.map(({ name, type, shape, data }) => ({
        dims: shape,
        dataType: DATA_TYPE[type],
        name,
        rawData: data,
      })),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
    ],
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
  });
  return MODEL.encode(message).finish();
}

const decoded = z.object({
  graph: z.object({
    initializer: z.array(
      z.object({
        name: z.string(),
        dims: z.array(z.coerce.number().int().nonnegative()).default([]),
        dataType: z.number(),
        rawData: z.instanceof(Uint8Array).optional(),
      }),
    ),
  }),
});

/** The constants of a model that are float32, by name. Throws InputError where the bytes are no model with constants. */
export function readFloats(
  bytes: Uint8Array,
  where: string,
): ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }> {
  const initializers = decode(bytes, where).filter(({ dataType }) => dataType === DATA_TYPE.float32);
  return new Map(
    initializers.map(({ name, dims, rawData = new Uint8Array(0) }) => {
      if (rawData.length !== 4 * dims.reduce((product, n) => product * n, 1))
        throw new InputError(
          `${where}: constant ${name} of ${rawData.length} bytes`,
          `raw float32 of ${dims.join(' x ')}`,
        );
      return [name, { shape: dims, values: new Float32Array(Uint8Array.from(rawData).buffer) }];
    }),
  );
}

function decode(bytes: Uint8Array, where: string): z.infer<typeof decoded>['graph']['initializer'] {
  try {
    const message = MODEL.toObject(MODEL.decode(bytes), { longs: Number });
    return decoded.parse(message).graph.initializer;
  } catch (cause) {
    throw new InputError(where, 'an ONNX model with constants', { cause });
  }
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPE.string };
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPE.int };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPE.float };
  return { name, ints: value, type: ATTRIBUTE_TYPE.ints };
}

function valueInfo({ name, type, shape }: OnnxValue): object {
  return {
    name,
    type: {
      tensorType: {
        elemType: DATA_TYPE[type],
        shape: { dim: shape.map((n) => (typeof n === 'string' ? { dimParam: n } : { dimValue: n })) },
      },
    },
  };
}
