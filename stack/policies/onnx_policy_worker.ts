import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { type InferenceMemory, serveInference } from '../../control/index.ts';
import { type Inference, type NetworkSpec, openSession } from '../../perception/index.ts';

/** What the thread of a policy's network is started with, and what it says once. */
export interface OnnxPolicySetup {
  readonly bytes: Uint8Array;
  readonly spec: NetworkSpec;
  readonly where: string;
  readonly memory: InferenceMemory;
  /** Not 0: end. */
  readonly stop: SharedArrayBuffer;
}
export type OnnxPolicyReady = { readonly refused: string; readonly broken: string };

async function main({ bytes, spec, where, memory, stop }: OnnxPolicySetup): Promise<void> {
  const say = (ready: OnnxPolicyReady) => parentPort?.postMessage(ready);
  let runtime: Inference;
  try {
    runtime = await openSession(bytes, spec, where);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(error instanceof InputError ? { refused: message, broken: '' } : { refused: '', broken: message });
    return;
  }
  say({ refused: '', broken: '' });
  const stopped = new Int32Array(stop);
  await serveInference(
    memory,
    async (observation) => (await runtime.run({ [spec.inputs[0].name]: observation }))[spec.outputs[0].name],
    () => Atomics.load(stopped, 0) !== 0,
  );
  await runtime.release();
}

await main(workerData);
