import { InputError } from '../../contracts/index.ts';
import type { AwaitedInference } from './modelled_latency.ts';

/** Memory that the control loop and a policy's thread share. */
export interface InferenceMemory {
  /** Questions asked, questions answered, step asked for, step answered, whether the policy has failed. */
  readonly control: SharedArrayBuffer;
  readonly observation: SharedArrayBuffer;
  readonly chunk: SharedArrayBuffer;
  /** What failed, in UTF-8, its length first. */
  readonly failure: SharedArrayBuffer;
}

const FAILURE_BYTES = 512;

/** @param observation,chunk  numbers of each */
export function createInferenceMemory(observation: number, chunk: number): InferenceMemory {
  for (const [name, size] of Object.entries({ observation, chunk })) {
    if (!Number.isInteger(size) || size < 1) throw new InputError(`${name} of ${size} numbers`, 'at least 1');
  }
  return {
    control: new SharedArrayBuffer(20),
    observation: new SharedArrayBuffer(4 * observation),
    chunk: new SharedArrayBuffer(4 * chunk),
    failure: new SharedArrayBuffer(4 + FAILURE_BYTES),
  };
}

/** The control loop's side: neither waits nor allocates in `submit` and `take`. */
export class SharedInference implements AwaitedInference {
  failure = '';
  private readonly control: Int32Array;
  private readonly observation: Float32Array;
  private readonly chunk: Float32Array;
  private readonly memory: InferenceMemory;
  private taken = 0;

  constructor(memory: InferenceMemory) {
    this.memory = memory;
    this.control = new Int32Array(memory.control);
    this.observation = new Float32Array(memory.observation);
    this.chunk = new Float32Array(memory.chunk);
    this.taken = Atomics.load(this.control, ANSWERED);
  }

  submit(step: number, observation: Float32Array): boolean {
    const { control } = this;
    const asked = Atomics.load(control, ASKED);
    if (this.taken !== asked || this.failed()) return false;
    this.observation.set(observation);
    control[ASKED_STEP] = step;
    Atomics.store(control, ASKED, asked + 1);
    Atomics.notify(control, ASKED);
    return true;
  }

  take(chunk: Float32Array): number {
    const { control } = this;
    const answered = Atomics.load(control, ANSWERED);
    if (answered === this.taken) {
      this.failed();
      return -1;
    }
    this.taken = answered;
    if (this.failed()) return -1;
    chunk.set(this.chunk);
    return control[ANSWERED_STEP];
  }

  async answered(): Promise<void> {
    const { control } = this;
    for (;;) {
      const answered = Atomics.load(control, ANSWERED);
      if (answered === Atomics.load(control, ASKED) || this.failed()) return;
      Atomics.wait(control, ANSWERED, answered, POLL_MS);
      // So that the end of the policy's thread is heard of.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The policy's thread is gone or cannot go on. */
  fail(reason: string): void {
    writeFailure(this.memory, reason);
    Atomics.notify(this.control, ANSWERED);
  }

  private failed(): boolean {
    if (Atomics.load(this.control, FAILED) === 0) return false;
    if (this.failure === '') this.failure = readFailure(this.memory);
    return true;
  }
}

/**
 * The policy's side, in a thread of its own: answers questions until one fails. Blocks the thread while none is asked.
 * @param run  gives the chunk for an observation; its arrays are used before the next call only
 */
export async function serveInference(
  memory: InferenceMemory,
  run: (observation: Float32Array) => Promise<ArrayLike<number>>,
  stopped: () => boolean = () => false,
): Promise<void> {
  const control = new Int32Array(memory.control);
  const observation = new Float32Array(memory.observation);
  const chunk = new Float32Array(memory.chunk);
  try {
    while (!stopped()) {
      const answered = Atomics.load(control, ANSWERED);
      if (Atomics.load(control, ASKED) === answered) {
        Atomics.wait(control, ASKED, answered, WAIT_MS);
        continue;
      }
      const step = control[ASKED_STEP];
      const actions = await run(observation.slice());
      if (actions.length !== chunk.length)
        throw new Error(`the policy gave ${actions.length} numbers, not ${chunk.length}`);
      for (let k = 0; k < chunk.length; k++) {
        if (!Number.isFinite(actions[k])) throw new Error(`the policy gave ${actions[k]} at ${k} of its chunk`);
        chunk[k] = actions[k];
      }
      control[ANSWERED_STEP] = step;
      Atomics.store(control, ANSWERED, answered + 1);
      Atomics.notify(control, ANSWERED);
    }
  } catch (error) {
    writeFailure(memory, error instanceof Error ? error.message : String(error));
    Atomics.add(control, ANSWERED, 1);
    Atomics.notify(control, ANSWERED);
  }
}

function writeFailure({ control, failure }: InferenceMemory, reason: string): void {
  const bytes = new TextEncoder().encode(reason).subarray(0, FAILURE_BYTES);
  new Uint8Array(failure, 4).set(bytes);
  new Int32Array(failure, 0, 1)[0] = bytes.length;
  Atomics.store(new Int32Array(control), FAILED, 1);
}

function readFailure({ failure }: InferenceMemory): string {
  const length = new Int32Array(failure, 0, 1)[0];
  return new TextDecoder().decode(new Uint8Array(failure, 4, length).slice());
}

const ASKED = 0;
const ANSWERED = 1;
const ASKED_STEP = 2;
const ANSWERED_STEP = 3;
const FAILED = 4;
const POLL_MS = 1;
/** Between two looks whether it is to stop. */
const WAIT_MS = 50;
