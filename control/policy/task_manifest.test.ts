import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { taskManifestDocument } from '../../test/support/task_policies.ts';
import { parseTaskPolicyManifest, taskObservationSize } from './task_manifest.ts';

const parse = (changes: Readonly<Record<string, unknown>>) =>
  parseTaskPolicyManifest(taskManifestDocument(changes), 'p.manifest.json');

describe('the manifest of a task policy', () => {
  it('is read with its history, and is equal after a round by JSON', () => {
    const manifest = parse({
      history: 2,
      input: { name: 'observation', shape: ['batch', 8] },
      output: { name: 'actions', shape: ['batch', 2, 5] },
    });
    expect(manifest.history).toBe(2);
    expect(taskObservationSize(manifest)).toBe(4);
    expect(parseTaskPolicyManifest(JSON.parse(JSON.stringify(manifest)), 'again')).toEqual(manifest);
    expect(parse({}).history).toBe(1);
  });

  it.each([
    [{ schema: 'surepick.policy' }, 'p.manifest.json: schema'],
    [{ sha256: 'abc' }, 'sha256: must be 64 hexadecimal digits'],
    [{ model: '../other.onnx' }, 'model: must be a file name without folders'],
    [{ input: { name: 'observation', shape: [1, 5] } }, 'input.shape [1, 5]: must be [1, 4]'],
    [{ output: { name: 'actions', shape: ['batch', 2, 5] } }, 'output.shape [batch, 2, 5]: must be [1, 2, 5]'],
    [{ chunk: 3 }, 'output.shape [1, 2, 5]: must be [1, 3, 5]'],
    [{ history: 2 }, 'input.shape [1, 4]: must be [1, 8]'],
    [{ observation_mean: [0] }, 'observation_mean of 1 numbers: must have 4'],
    [{ observation_scale: [1, 1, 0, 1] }, 'observation_scale[2] = 0: must be above 0'],
    [{ action_scale: [1, 1, 1, 1, -1] }, 'action_scale[4] = -1: must be above 0'],
    [{ action_mean: [0, 0, Number.NaN, 0, 0] }, 'action_mean.2'],
    [{ action: { kind: 'ee_delta', names: ['dx', 'dx', 'dz', 'dyaw', 'gripper'] } }, 'action.names has dx twice'],
    [{ rate_hz: 0 }, 'rate_hz'],
    [{ confidence: { name: 'sure', temperature: 0, ask_below: 0.5 } }, 'confidence.temperature'],
    [{ unknown: 1 }, 'Unrecognized key'],
  ])('refuses %j by name', (changes, message) => {
    expect(() => parse(changes)).toThrow(InputError);
    expect(() => parse(changes)).toThrow(message);
  });
});
