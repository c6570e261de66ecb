import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { packageVersions } from '../versions.ts';
import { EnvironmentBatch, type ResetOrder, STAGE_NAMES, STATUS_COLUMNS } from './batch.ts';
import { FRAME_HEAD, type FrameKind, readHead, writeHead } from './frames.ts';
import { AUTORESET_MODES, environmentOptions } from './options.ts';
import type { EnvironmentOutput } from './output.ts';
import type { Channel } from './pipe.ts';
import { ENVIRONMENT_CAMERAS } from './world_cameras.ts';

/** Most environments of one server: their worlds lie in one heap. */
const MOST_ENVIRONMENTS = 256;

const greeting = z.strictObject({
  options: environmentOptions,
  autoreset: z.enum(AUTORESET_MODES),
  environments: z.number().int().min(1).max(MOST_ENVIRONMENTS),
});

/** Numbers of one reset order: environment, then seed and episode, −1 for none. */
const ORDER = 3;

/**
 * Serves one batch of environments over a pipe until its input ends. What a client does wrong is answered and the session
 * goes on; a frame that is none ends it, since nothing tells where the next one would begin.
 */
export async function serve(pipe: Channel): Promise<void> {
  const session = new Session(pipe);
  let batch: EnvironmentBatch | null = null;
  for (;;) {
    const request = session.next();
    if (request === null) return;
    try {
      if (request.kind === 'hello') {
        if (batch !== null) throw new InputError('a second greeting', 'one for each session');
        batch = await greet(request.payload, session);
      } else if (batch === null) throw new InputError(`frame '${request.kind}' before the greeting`, 'greet first');
      else answer(request, batch, session);
    } catch (error) {
      session.fail(error);
    }
  }
}

interface Request {
  readonly kind: FrameKind;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Reads requests and writes replies with the request's sequence. */
class Session {
  private readonly pipe: Channel;
  private readonly head = new Uint8Array(FRAME_HEAD);
  private readonly head_view = new DataView(this.head.buffer);
  private payload = new Uint8Array(1024);
  private kind: FrameKind = 'failed';
  private sequence = 0;

  constructor(pipe: Channel) {
    this.pipe = pipe;
  }

  /** The next request, null at the end; its payload is overwritten by the one after. */
  next(): Request | null {
    if (!this.pipe.read(this.head)) return null;
    const { kind, sequence, bytes } = readHead(this.head_view);
    this.kind = kind;
    this.sequence = sequence;
    if (bytes > this.payload.length) this.payload = new Uint8Array(bytes);
    const payload = this.payload.subarray(0, bytes);
    if (bytes > 0 && !this.pipe.read(payload)) throw new Error('the input ended between head and payload of a frame');
    return { kind, payload };
  }

  reply(parts: readonly Uint8Array[]): void {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    writeHead(this.head_view, this.kind, this.sequence, bytes);
    this.pipe.write([this.head, ...parts]);
  }

  fail(error: unknown): void {
    const input = error instanceof InputError || error instanceof z.ZodError;
    const message = describe(error);
    const text = Buffer.from(message);
    writeHead(this.head_view, 'failed', this.sequence, 1 + text.length);
    this.pipe.write([this.head, Uint8Array.of(input ? 1 : 0), text]);
  }
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll('\n', ' ');
  if (error instanceof InputError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function greet(payload: Uint8Array, session: Session): Promise<EnvironmentBatch> {
  const { options, autoreset, environments } = greeting.parse(parseJson(payload));
  await prepareEngine(options.engine);
  const robot = loadRobot('panda');
  const batch = new EnvironmentBatch(options, robot, environments, autoreset);
  const [{ layout, action_names, has_expert, sizes, step_limit }] = batch.environments;
  const about = {
    versions: packageVersions(),
    observation: layout,
    actions: action_names,
    cameras: sizes.pixels === 0 ? [] : ENVIRONMENT_CAMERAS,
    expert: has_expert,
    step_limit,
    status: STATUS_COLUMNS,
    stages: STAGE_NAMES,
  };
  session.reply([Buffer.from(JSON.stringify(about))]);
  return batch;
}

function answer({ kind, payload }: Request, batch: EnvironmentBatch, session: Session): void {
  switch (kind) {
    case 'reset':
      batch.reset(readOrders(payload));
      break;
    case 'step':
      batch.step(readActions(payload, batch));
      break;
    case 'render':
      session.reply([batch.environments[readIndex(payload, batch)].render()]);
      return;
    case 'hello':
    case 'failed':
      return;
  }
  session.reply([...replyParts(batch.table, batch.output), ...(batch.finals === 0 ? [] : finalParts(batch))]);
}

/** Table, vectors, experts' actions, depths, colours: the widest numbers first, so that all are aligned. */
function replyParts(table: Float64Array, { vector, expert_action, depth, rgb }: EnvironmentOutput): Uint8Array[] {
  return [bytesOf(table), bytesOf(vector), bytesOf(expert_action), bytesOf(depth), rgb];
}

function finalParts({ finals, final_table, final_output, environments }: EnvironmentBatch): Uint8Array[] {
  const { vector, pixels, action } = environments[0].sizes;
  return replyParts(final_table.subarray(0, finals * STATUS_COLUMNS.length), {
    vector: final_output.vector.subarray(0, finals * vector),
    expert_action: final_output.expert_action.subarray(0, finals * action),
    depth: final_output.depth.subarray(0, finals * pixels),
    rgb: final_output.rgb.subarray(0, finals * 3 * pixels),
  });
}

function readOrders(payload: Uint8Array<ArrayBuffer>): ResetOrder[] {
  if (payload.length % (8 * ORDER) !== 0) {
    throw new InputError(`reset of ${payload.length} bytes`, `must be a multiple of ${8 * ORDER}`);
  }
  const values = new Float64Array(payload.slice().buffer);
  return Array.from({ length: values.length / ORDER }, (_, k) => ({
    environment: values[ORDER * k],
    seed: values[ORDER * k + 1] === -1 ? null : values[ORDER * k + 1],
    episode: values[ORDER * k + 2] === -1 ? null : values[ORDER * k + 2],
  }));
}

function readActions(payload: Uint8Array<ArrayBuffer>, { count, environments }: EnvironmentBatch): Float32Array {
  const size = count * environments[0].sizes.action;
  if (payload.length !== 4 * size) {
    throw new InputError(`actions of ${payload.length} bytes`, `must be ${size} numbers of 4 bytes`);
  }
  return new Float32Array(payload.buffer, payload.byteOffset, size);
}

function readIndex(payload: Uint8Array, { count }: EnvironmentBatch): number {
  if (payload.length !== 4) throw new InputError(`render of ${payload.length} bytes`, 'must be 4: the environment');
  const index = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  if (index >= count) throw new InputError(`render of environment ${index}`, `0 to ${count - 1}`);
  return index;
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    throw new InputError('greeting', 'must be JSON');
  }
}

function bytesOf(values: Float64Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
