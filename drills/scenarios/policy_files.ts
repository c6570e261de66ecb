import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '../../contracts/index.ts';
import { encodeModel } from '../../learning/index.ts';
import type { Robot } from '../../robots/index.ts';

const CHUNK = 6;
const RATE_HZ = 50;
/** The calm policy asks for where the arm is, so much nearer to the middle of its actions, and the noise for so much (rad). */
const DRAW_IN = 0.97;
const NOISE_RAD = 1;
/** Where the calm policy brings the joints, off the robot's home (rad). */
const AIM_RAD = 0.2;

/**
 * Writes an ONNX policy of joint positions with its manifest, one linear layer: `calm` brings the arm gently to a pose beside
 * its home; `noise` is the same network with random weights. Returns the network's file.
 */
export function writePolicy(folder: string, kind: 'calm' | 'noise', robot: Robot, rng: Rng): string {
  const n = robot.arm_joints;
  const weights = new Float32Array(n * CHUNK * n);
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < CHUNK * n; k++) {
      const kept = k % n === row ? DRAW_IN : 0;
      weights[row * CHUNK * n + k] = kind === 'calm' ? kept : NOISE_RAD * 20 * rng.normal();
    }
  }
  const float32 = (name: string, shape: readonly number[]) => ({ name, type: 'float32', shape }) as const;
  const bytes = encodeModel({
    name: 'policy',
    nodes: [
      { op: 'MatMul', domain: '', inputs: ['observation', 'weights'], outputs: ['flat'], attributes: {} },
      { op: 'Reshape', domain: '', inputs: ['flat', 'shape'], outputs: ['actions'], attributes: {} },
    ],
    initializers: [
      { ...float32('weights', [n, CHUNK * n]), data: new Uint8Array(weights.buffer) },
      {
        name: 'shape',
        type: 'int64',
        shape: [3],
        data: new Uint8Array(BigInt64Array.of(1n, BigInt(CHUNK), BigInt(n)).buffer),
      },
    ],
    inputs: [float32('observation', [1, n])],
    outputs: [float32('actions', [1, CHUNK, n])],
    metadata: {},
  });
  const file = join(folder, `${kind}.onnx`);
  writeFileSync(file, bytes);
  const aim = [...robot.home_q.subarray(0, n)].map((q, i) => q + (i % 2 === 0 ? AIM_RAD : -AIM_RAD / 2));
  const ones = new Array<number>(n).fill(1);
  const manifest = {
    ...{ schema: 'surepick.policy', version: 1, name: kind, model: `${kind}.onnx` },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...{ robot: robot.name, rate_hz: RATE_HZ, input: 'observation', output: 'actions' },
    ...{ observation: ['joint_position'], action: ['joint_position'], chunk: CHUNK, ensembling_decay: 0.01 },
    ...{ observation_mean: aim, observation_scale: ones, action_mean: aim, action_scale: ones },
  };
  writeFileSync(join(folder, `${kind}.manifest.json`), JSON.stringify(manifest));
  return file;
}
