import { parentPort, workerData } from 'node:worker_threads';
import {
  type ExecutionProvider,
  emptyTensors,
  InferenceError,
  type InferenceFault,
  type NetworkSpec,
  reasonOf,
  type Tensors,
} from './inference.ts';
import { OnnxSession } from './onnx_session.ts';

/** Handed to the thread of a network once. */
export interface InferenceSetup {
  readonly bytes: Uint8Array;
  readonly spec: NetworkSpec;
  readonly where: string;
  readonly provider: ExecutionProvider;
  /** Values of inputs and outputs, each over shared memory. */
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** To the thread: run what lies in the inputs, or end. */
export type InferenceRequest = 'run' | 'end';
/** Of loading first, then of each run. */
export type InferenceAnswer = { readonly fault: InferenceFault; readonly reason: string } | null;

/** Body of a network's thread. onnxruntime takes no shared memory: values are copied from and to it. */
async function main({ bytes, spec, where, provider, inputs, outputs }: InferenceSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this is the program of a thread');
  const say = (answer: InferenceAnswer) => port.postMessage(answer);
  let session: OnnxSession;
  try {
    session = await OnnxSession.load(bytes, spec, where, provider);
  } catch (error) {
    say(answerTo(error));
    return;
  }
  const own = emptyTensors(spec.inputs);
  const run = async () => {
    for (const { name } of spec.inputs) own[name].set(inputs[name]);
    try {
      const results = await session.run(own);
      for (const { name } of spec.outputs) outputs[name].set(results[name]);
      say(null);
    } catch (error) {
      say(answerTo(error));
    }
  };
  port.on('message', (request: InferenceRequest) => {
    if (request === 'run') void run();
    else void session.release().finally(() => port.close());
  });
  say(null);
}

function answerTo(error: unknown): InferenceAnswer {
  if (error instanceof InferenceError) return { fault: error.fault, reason: error.message };
  return { fault: 'run', reason: reasonOf(error) };
}

await main(workerData);
