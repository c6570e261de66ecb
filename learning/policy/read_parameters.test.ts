import { describe, expect, it } from 'vitest';
import { Tape } from '../graph/index.ts';
import { initialCloningState, type MlpShape, policyModel, readPolicyParameters } from './index.ts';

describe('parameters of a written network', () => {
  it('come back as they were, with its shape', () => {
    for (const hidden of [[8], [8, 6], [5, 4, 3]]) {
      const shape: MlpShape = { inputs: 3, hidden, chunk: 2, action: 2 };
      const { theta } = initialCloningState({ shape, seed: 1 });
      expect(readPolicyParameters(policyModel(shape, theta), shape, 'a.onnx')).toEqual({ shape, theta });
    }
  });

  it('of other networks and of rubbish are refused by name', () => {
    const shape: MlpShape = { inputs: 3, hidden: [8], chunk: 2, action: 2 };
    const model = policyModel(shape, initialCloningState({ shape, seed: 1 }).theta);
    const other = { chunk: 3, action: 2 };
    expect(() => readPolicyParameters(model, other, 'a.onnx')).toThrow('a.onnx: layer1.weight of 8 x 4: 8 x 6');
    const { graph } = new Tape();
    graph.output('y', graph.input('x', 'float32', [1]));
    expect(() => readPolicyParameters(graph.encode('foreign'), shape, 'f.onnx')).toThrow('f.onnx');
    expect(() => readPolicyParameters(Uint8Array.of(255, 1, 2), shape, 'r.onnx')).toThrow(/r\.onnx.*ONNX/);
  });
});
