import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATUS_COLUMNS } from './batch.ts';
import { FRAME_HEAD, FRAME_KINDS, FRAME_MAGIC, FRAME_VERSION, MOST_REQUEST_BYTES, REPLY } from './frames.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from './options.ts';
import type { Channel } from './pipe.ts';
import { serve } from './session.ts';

/** A client's bytes, and what comes back. */
class Tape implements Channel {
  readonly written: Uint8Array[] = [];
  private readonly input: Uint8Array;
  private at = 0;

  constructor(input: Uint8Array) {
    this.input = input;
  }

  read(into: Uint8Array): boolean {
    const left = this.input.length - this.at;
    if (left === 0) return false;
    if (left < into.length) throw new Error('the input ended before the end of a frame');
    into.set(this.input.subarray(this.at, this.at + into.length));
    this.at += into.length;
    return true;
  }

  write(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.written.push(part.slice());
  }
}

function frame(kind: number, payload: Uint8Array, sequence = 7, magic = FRAME_MAGIC, version = FRAME_VERSION): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32LE(magic, 0);
  head.writeUInt16LE(version, 4);
  head.writeUInt16LE(kind, 6);
  head.writeUInt32LE(sequence, 8);
  head.writeUInt32LE(payload.length, 12);
  return Buffer.concat([head, payload]);
}

const text = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const hello = (change: object = {}, options: object = {}) =>
  frame(
    FRAME_KINDS.hello,
    text({
      options: { ...DEFAULT_ENVIRONMENT_OPTIONS, ...options },
      autoreset: 'next_step',
      environments: 2,
      ...change,
    }),
  );
const doubles = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer);
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const reset = frame(FRAME_KINDS.reset, doubles(0, 3, -1, 1, 4, 5));

/** Replies as kind and payload. */
async function talk(...frames: Uint8Array[]): Promise<{ kind: number; sequence: number; payload: Buffer }[]> {
  const tape = new Tape(Buffer.concat(frames));
  await serve(tape);
  const bytes = Buffer.concat(tape.written);
  const replies = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes.readUInt32LE(at)).toBe(FRAME_MAGIC);
    const end = at + FRAME_HEAD + bytes.readUInt32LE(at + 12);
    const payload = bytes.subarray(at + FRAME_HEAD, end);
    replies.push({ kind: bytes.readUInt16LE(at + 6) - REPLY, sequence: bytes.readUInt32LE(at + 8), payload });
    at = end;
  }
  return replies;
}

const message = ({ payload }: { payload: Buffer }) => payload.subarray(1).toString('utf8');

describe('an environment server', () => {
  it('greets, resets, steps and renders, with sizes as the greeting announces', async () => {
    const step = frame(FRAME_KINDS.step, floats(0, 0, 0, 0, 0, 1, -1, 1, 0, 1), 9);
    const render = frame(FRAME_KINDS.render, Buffer.from(Uint32Array.of(1).buffer));
    const [greeting, started, stepped, picture] = await talk(hello(), reset, step, render);
    expect(greeting.kind).toBe(FRAME_KINDS.hello);
    const about: unknown = JSON.parse(greeting.payload.toString('utf8'));
    expect(about).toMatchObject({ actions: ['dx', 'dy', 'dz', 'dyaw', 'gripper'], cameras: [], expert: true });
    const size = (about as { observation: { size: number } }).observation.size;
    for (const reply of [started, stepped]) {
      expect(reply.payload.length).toBe(2 * (8 * STATUS_COLUMNS.length + 4 * size + 4 * 5));
    }
    expect([stepped.kind, stepped.sequence]).toEqual([FRAME_KINDS.step, 9]);
    expect(picture.payload.length).toBe(3 * 320 * 240);
    const column = (name: (typeof STATUS_COLUMNS)[number]) =>
      [0, 1].map((i) => started.payload.readDoubleLE(8 * (STATUS_COLUMNS.length * i + STATUS_COLUMNS.indexOf(name))));
    expect([column('seed'), column('episode')]).toEqual([
      [3, 4],
      [0, 5],
    ]);
  });

  it.each([
    ['no JSON', frame(FRAME_KINDS.hello, text('{')), 'greeting: must be JSON'],
    ['an unknown task', hello({}, { task: 'juggle' }), 'options.task'],
    ['no environments', hello({ environments: 0 }), 'environments'],
    ['a rate that is no divisor', hello({}, { policy_hz: 30 }), 'must divide 500'],
    ['options that there are not', hello({}, { speed: 2 }), 'speed'],
    ['a step before the greeting', frame(FRAME_KINDS.step, floats(0)), "frame 'step' before the greeting"],
  ])('answers %s with what is allowed, as the fault of the input', async (_name, bytes, expected) => {
    const [reply] = await talk(bytes);
    expect([reply.kind, reply.payload[0]]).toEqual([FRAME_KINDS.failed, 1]);
    expect(message(reply)).toContain(expected);
  });

  it('goes on after what it had to refuse', async () => {
    const replies = await talk(
      hello(),
      frame(FRAME_KINDS.step, floats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
      frame(FRAME_KINDS.reset, doubles(0, 3)),
      reset,
      frame(FRAME_KINDS.step, floats(0, 0)),
      frame(FRAME_KINDS.step, floats(0, 0, 0, 0, 0, 0, Number.NaN, 0, 0, 0)),
      frame(FRAME_KINDS.render, Buffer.from(Uint32Array.of(2).buffer)),
      hello(),
      frame(FRAME_KINDS.step, floats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    );
    const { hello: h, reset: r, step: s, failed: f } = FRAME_KINDS;
    // The first step resets what has never begun, as its mode says.
    expect(replies.map(({ kind }) => kind)).toEqual([h, s, f, r, f, f, f, f, s]);
    expect(message(replies[5])).toContain('action[1] = NaN of environment 1');
  });

  it('ends at bytes that are no frame, with what they were', async () => {
    await expect(talk(frame(1, text({}), 0, 0x41414141))).rejects.toThrow('frame that begins with 0x41414141');
    await expect(talk(frame(1, text({}), 0, FRAME_MAGIC, 2))).rejects.toThrow('protocol version 2');
    await expect(talk(frame(99, text({})))).rejects.toThrow('frame of kind 99');
    const long = frame(1, Buffer.alloc(0));
    long.writeUInt32LE(MOST_REQUEST_BYTES + 1, 12);
    await expect(talk(long)).rejects.toThrow(`at most ${MOST_REQUEST_BYTES}`);
    await expect(talk(hello().subarray(0, 40))).rejects.toThrow('ended');
  });

  it('never hangs or answers with anything but frames, whatever it is sent', async () => {
    const bytes = fc.uint8Array({ maxLength: 64 });
    const kinds = fc.integer({ min: 0, max: 6 });
    const frames = fc.array(fc.record({ kind: kinds, payload: bytes }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(frames, async (requests) => {
        const known = requests.every(({ kind }) => kind >= 1 && kind <= 4);
        const answers = talk(...requests.map(({ kind, payload }) => frame(kind, payload)));
        if (known) for (const { kind } of await answers) expect(kind).toBe(FRAME_KINDS.failed);
        else await expect(answers).rejects.toThrow('frame of kind');
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
