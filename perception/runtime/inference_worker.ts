import { parentPort, workerData } from 'node:worker_threads';
import {
  type ExecutionProvider,
  emptyTensors,
  greatestGrid,
  InferenceError,
  type InferenceFault,
  type NetworkSpec,
  type PictureGrid,
  partOf,
  reasonOf,
  runKey,
  type Tensors,
} from './inference.ts';
import { OnnxSession } from './onnx_session.ts';

/** Handed to the thread of a network once. */
export interface InferenceSetup {
  readonly bytes: Uint8Array;
  readonly spec: NetworkSpec;
  readonly where: string;
  readonly provider: ExecutionProvider;
  /** The most pictures of a run. */
  readonly pictures: number;
  /** Values of inputs and outputs, each over shared memory. */
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** Which of the values that lie in the inputs a run is of. */
interface RunSize extends PictureGrid {
  readonly pictures: number;
}
/** To the thread: run so many pictures of a size, end, or leave without a word. */
export type InferenceRequest = RunSize | 'end' | 'die';
/** Of loading first, then of each run. */
export type InferenceAnswer = { readonly fault: InferenceFault; readonly reason: string } | null;

/** Body of a network's thread. onnxruntime takes no shared memory: values are copied from and to it. */
async function main({ bytes, spec, where, provider, pictures, inputs, outputs }: InferenceSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this is the program of a thread');
  const say = (answer: InferenceAnswer) => port.postMessage(answer);
  let session: OnnxSession;
  try {
    session = await OnnxSession.load(bytes, spec, where, provider, pictures);
  } catch (error) {
    say(answerTo(error));
    return;
  }
  const all = emptyTensors(spec.inputs, pictures, greatestGrid(spec));
  const parts = new Map<number, Tensors>();
  const run = async (size: RunSize) => {
    const key = runKey(size.pictures, size);
    const own = parts.get(key) ?? partOf(all, spec.inputs, size.pictures, size);
    parts.set(key, own);
    for (const { name } of spec.inputs) own[name].set(inputs[name].subarray(0, own[name].length));
    try {
      const results = await session.run(own, size);
      for (const { name } of spec.outputs) outputs[name].set(results[name]);
      say(null);
    } catch (error) {
      say(answerTo(error));
    }
  };
  port.on('message', (request: InferenceRequest) => {
    if (request === 'die') process.exit(1);
    if (request === 'end') void session.release().finally(() => port.close());
    else void run(request);
  });
  say(null);
}

function answerTo(error: unknown): InferenceAnswer {
  if (error instanceof InferenceError) return { fault: error.fault, reason: error.message };
  return { fault: 'run', reason: reasonOf(error) };
}

await main(workerData);
