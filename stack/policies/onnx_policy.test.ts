import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { ModelledLatency, PolicyRunner, Servo } from '../../control/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { usableLimits } from '../../safety/index.ts';
import { linearOnnx } from '../../test/support/onnx_bytes.ts';
import { plainManifest } from '../../test/support/policies.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { ServoRig } from '../../test/support/servo_rig.ts';
import { openOnnxPolicy } from './onnx_policy.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const HZ = 500;
const CHUNK = 6;
/** Positions wanted are the observed ones times this: the arm creeps towards zero. */
const SHRINK = 0.99;

let folder = '';
let worker = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-policy-'));
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'stack', 'policies', 'onnx_policy_worker.js');
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A linear policy of joint positions and its manifest; returns the network's file. */
function writePolicy(name: string, changes: object = {}, scale = SHRINK): string {
  const weights = new Float32Array(N * CHUNK * N);
  for (let i = 0; i < N; i++) for (let k = 0; k < CHUNK; k++) weights[i * CHUNK * N + k * N + i] = scale;
  const bytes = linearOnnx(N, CHUNK, N, weights);
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, bytes);
  const manifest = plainManifest({
    ...{ observation: ['joint_position'], action: ['joint_position'], chunk: CHUNK, rate_hz: 50 },
    ...{ model: `${name}.onnx`, sha256: createHash('sha256').update(bytes).digest('hex') },
  });
  writeFileSync(join(folder, `${name}.manifest.json`), JSON.stringify({ ...manifest, ...changes }));
  return file;
}

/** Runs a policy in simulated time with a modelled latency; where the arm ends. */
async function run(file: string, seed: number): Promise<number[]> {
  const policy = await openOnnxPolicy(file, PANDA, worker);
  try {
    const latency = new ModelledLatency(policy.inference, createRng(seed), 5, 20);
    const servo = new Servo(PANDA, HZ);
    const { manifest } = policy;
    const runner = new PolicyRunner({ robot: PANDA, hz: HZ, manifest, inference: latency, servo, gripper: null });
    const rig = new ServoRig(PANDA, runner, HZ, usableLimits(PANDA.limits));
    runner.start();
    for (let k = 0; k < 500; k++) {
      const wait = latency.settle();
      if (wait !== null) await wait;
      rig.run(1);
    }
    expect(runner.phase, runner.describeHold()).toBe('running');
    return [...rig.q];
  } finally {
    await policy.close();
  }
}

describe('ONNX policy in a thread of its own', () => {
  it('steers the arm, and the same seed to the same last bit', async () => {
    const file = writePolicy('shrink');
    const ended = await run(file, 3);
    for (let i = 0; i < N; i++) {
      if (PANDA.home_q[i] === 0) expect(Math.abs(ended[i])).toBeLessThan(1e-9);
      else expect(ended[i] / PANDA.home_q[i]).toBeLessThan(0.95);
    }
    expect(await run(file, 3)).toEqual(ended);
  });

  it('answers on the wall clock without anybody waiting for it, and holds the arm when its thread is gone', async () => {
    const policy = await openOnnxPolicy(writePolicy('live'), PANDA, worker);
    const { inference, manifest } = policy;
    const servo = new Servo(PANDA, HZ);
    const runner = new PolicyRunner({ robot: PANDA, hz: HZ, manifest, inference, servo, gripper: null });
    const rig = new ServoRig(PANDA, runner, HZ, usableLimits(PANDA.limits));
    runner.start();
    for (let k = 0; k < 2000 && runner.phase !== 'running'; k++) {
      rig.run(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(runner.phase).toBe('running');
    await policy.close();
    rig.run(200);
    expect(runner.describeHold()).toMatch(/policy's thread ended with 0/);
    expect(rig.moving).toBe(false);
  });

  it('refuses what is not there, not for this robot, not the same or of another shape', async () => {
    const open = (file: string) => openOnnxPolicy(file, PANDA, worker);
    await expect(open(join(folder, 'none.onnx'))).rejects.toThrow(InputError);
    await expect(open(writePolicy('robot', { robot: 'ur5' }))).rejects.toThrow('the robot is panda');
    await expect(open(writePolicy('other', { sha256: '1'.repeat(64) }))).rejects.toThrow('the manifest is of 1111');
    await expect(open(writePolicy('name', { input: 'picture' }))).rejects.toThrow(
      'must be exactly picture float32 [1, 7]',
    );
    await expect(open(writePolicy('chunk', { chunk: 7 }))).rejects.toThrow('must be exactly actions float32 [1, 7, 7]');
    await expect(open(writePolicy('unit', { rate_hz: -1 }))).rejects.toThrow('rate_hz');
  });
});
