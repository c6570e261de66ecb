import { createHash } from 'node:crypto';
import { parseTaskPolicyManifest, type TaskPolicyManifest } from '../../control/index.ts';
import { type LinearExtras, linearOnnx } from './onnx_bytes.ts';

/** Changes to the document of a manifest before it is read. */
export type ManifestChanges = Readonly<Record<string, unknown>>;

/** The document of a sound manifest: nothing normalised, tool moves by what it is told of the wanted object. */
export function taskManifestDocument(changes: ManifestChanges = {}): Record<string, unknown> {
  return {
    ...{ schema: 'surepick.task_policy', version: 1, name: 'linear', version_of_policy: '1' },
    ...{
      model: 'linear.onnx',
      sha256: '0'.repeat(64),
      licence: 'MIT',
      robot: 'panda',
      task: 'pick-place',
      rate_hz: 25,
    },
    input: { name: 'observation', shape: [1, 4] },
    output: { name: 'actions', shape: [1, 2, 5] },
    observation: [
      { name: 'wanted_offset', size: 3, unit: 'm' },
      { name: 'gripper_width', size: 1, unit: 'm' },
    ],
    action: { kind: 'ee_delta', names: ['dx', 'dy', 'dz', 'dyaw', 'gripper'] },
    ...{ chunk: 2, ensembling_decay: 0.1 },
    ...{ observation_mean: new Array(4).fill(0), observation_scale: new Array(4).fill(1) },
    ...{ action_mean: new Array(5).fill(0), action_scale: new Array(5).fill(1) },
    envelope_sha256: null,
    training: { method: 'by hand', seed: 0, episodes: 0, steps: 0, randomize: 'none', data: [], command: '' },
    metrics: {},
    ...changes,
  };
}

export interface LinearPolicy {
  readonly bytes: Uint8Array;
  readonly manifest: TaskPolicyManifest;
}

/** A policy that is one matrix: goes towards the wanted object, `gain` full actions a metre away. */
export function linearPolicy(gain: number, changes: ManifestChanges = {}, extras: LinearExtras = {}): LinearPolicy {
  const weights = new Float32Array(4 * 10);
  for (let step = 0; step < 2; step++) for (let k = 0; k < 3; k++) weights[10 * k + 5 * step + k] = gain;
  const bytes = linearOnnx(4, 2, 5, weights, extras);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, manifest: parseTaskPolicyManifest(taskManifestDocument({ sha256, ...changes }), 'manifest') };
}
