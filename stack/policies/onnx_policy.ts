import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import {
  actionSize,
  createInferenceMemory,
  observationSize,
  type PolicyManifest,
  parsePolicyManifest,
  SharedInference,
} from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { OnnxPolicyReady, OnnxPolicySetup } from './onnx_policy_worker.ts';

const WORKER = new URL('./onnx_policy_worker.js', import.meta.url);

/** An ONNX policy in a thread of its own: the loop that asks it waits for nothing. */
export interface OnnxPolicy {
  readonly manifest: PolicyManifest;
  readonly inference: SharedInference;
  close(): Promise<void>;
}

/**
 * Opens the policy `NAME.onnx` by the `NAME.manifest.json` beside it. InputError if one of them cannot be read, the network
 * is not the one of the manifest, takes or gives something else, or is for another robot.
 * @param worker  the thread's program, beside this file by default
 */
export async function openOnnxPolicy(file: string, robot: Robot, worker: URL | string = WORKER): Promise<OnnxPolicy> {
  const manifest_file = join(dirname(file), `${basename(file, '.onnx')}.manifest.json`);
  const text = await read(manifest_file, 'of the policy');
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw new InputError(manifest_file, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const manifest = parsePolicyManifest(json, manifest_file, robot.arm_joints);
  if (manifest.robot !== robot.name) {
    throw new InputError(`${manifest_file}: robot ${manifest.robot}`, `the robot is ${robot.name}`);
  }
  const bytes = await read(file, 'of the network');
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== manifest.sha256) {
    throw new InputError(
      `${file}: SHA-256 ${found}`,
      `the manifest is of ${manifest.sha256}; bring both from one source`,
    );
  }
  const observation = observationSize(manifest.observation, robot.arm_joints);
  const action = actionSize(manifest.action, robot.arm_joints);
  const memory = createInferenceMemory(observation, manifest.chunk * action);
  const stop = new SharedArrayBuffer(4);
  const setup: OnnxPolicySetup = {
    bytes,
    spec: {
      inputs: [{ name: manifest.input, type: 'float32', shape: [1, observation] }],
      outputs: [{ name: manifest.output, type: 'float32', shape: [1, manifest.chunk, action] }],
    },
    ...{ where: file, memory, stop },
  };
  const inference = new SharedInference(memory);
  const thread = new Worker(worker, { workerData: setup });
  const ended = new Promise<void>((resolve) => {
    thread.once('exit', (code) => {
      inference.fail(`the policy's thread ended with ${code}`);
      resolve();
    });
  });
  await started(thread);
  thread.on('error', (error) => inference.fail(error.message));
  thread.unref();
  const close = async () => {
    Atomics.store(new Int32Array(stop), 0, 1);
    await ended;
  };
  return { manifest, inference, close };
}

function started(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', ({ refused, broken }: OnnxPolicyReady) => {
      thread.off('error', reject);
      if (refused !== '') reject(InputError.restore(refused));
      else if (broken !== '') reject(new Error(broken));
      else resolve();
    });
  });
}

async function read(file: string, what: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new InputError(
      `file ${what} ${file}`,
      `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}
