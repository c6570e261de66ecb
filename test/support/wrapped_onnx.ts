import protobuf from 'protobufjs/light.js';

/** Of an ONNX model, what is taken apart and put together; nodes and tensors stay bytes. */
const MODEL = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        graph: { type: 'GraphProto', id: 7 },
        opsetImport: { rule: 'repeated', type: 'bytes', id: 8 },
      },
    },
    GraphProto: {
      fields: {
        node: { rule: 'repeated', type: 'bytes', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'bytes', id: 5 },
        input: { rule: 'repeated', type: 'bytes', id: 11 },
        output: { rule: 'repeated', type: 'bytes', id: 12 },
      },
    },
  },
}).lookupType('ModelProto');

interface Graph {
  readonly node: readonly Uint8Array[];
  readonly initializer: readonly Uint8Array[];
  readonly input: readonly Uint8Array[];
  readonly output: readonly Uint8Array[];
}

/**
 * A network between two others: what `before` gives is what `inner` takes, and what `inner` gives is what `after` takes, by
 * their names. Names within the three must not clash.
 */
export function wrappedOnnx(before: Uint8Array, inner: Uint8Array, after: Uint8Array): Uint8Array {
  const [first, middle, last] = [before, inner, after].map(graphOf);
  const graph = {
    name: 'wrapped',
    node: [...first.node, ...middle.node, ...last.node],
    initializer: [...first.initializer, ...middle.initializer, ...last.initializer],
    input: first.input,
    output: last.output,
  };
  return MODEL.encode(MODEL.fromObject({ ...MODEL.toObject(MODEL.decode(inner)), graph })).finish();
}

function graphOf(model: Uint8Array): Graph {
  const { graph } = MODEL.toObject(MODEL.decode(model), { arrays: true });
  return graph;
}
