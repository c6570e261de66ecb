import { createHash } from 'node:crypto';
import type { PhysicsEngine } from '../sim/index.ts';

const OBJECT_WIDTH = 13;

/** Bytes of one episode that go into the digest: what happened, step by step, and how it ended. */
export interface EpisodeTrace {
  readonly index: number;
  /** Per physics step: time (s), arm q, v, then per object position, quaternion, linear and angular velocity. */
  readonly steps: Float64Array<ArrayBuffer>;
  /** The outcome as JSON. */
  readonly outcome: string;
}

/** Collects the steps of one episode; grows by doubling, so a step allocates nothing but at those moments. */
export class TraceWriter {
  private values: Float64Array<ArrayBuffer>;
  private length = 0;
  readonly width: number;

  constructor(engine: PhysicsEngine) {
    this.width = 1 + engine.q.length + engine.v.length + OBJECT_WIDTH * engine.object_count;
    this.values = new Float64Array(this.width * 4096);
  }

  /** Appends the engine's present state; −0 is written as 0. */
  write(engine: PhysicsEngine): void {
    if (this.length + this.width > this.values.length) {
      const grown = new Float64Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    const start = this.length;
    const { values } = this;
    let at = start;
    values[at++] = engine.steps * engine.dt_s;
    values.set(engine.q, at);
    at += engine.q.length;
    values.set(engine.v, at);
    at += engine.v.length;
    for (let i = 0; i < engine.object_count; i++, at += OBJECT_WIDTH) engine.objectState(i, values, at);
    for (let i = start; i < at; i++) values[i] += 0;
    this.length = at;
  }

  finish(index: number, outcome: object): EpisodeTrace {
    return { index, steps: this.values.slice(0, this.length), outcome: JSON.stringify(outcome) };
  }
}

/** SHA-256 of one episode alone, hexadecimal: the digest of a run that has no other. */
export function episodeDigest(trace: EpisodeTrace): string {
  const digest = new RunDigest(trace.index);
  digest.add(trace);
  return digest.hex();
}

/** SHA-256 over episodes in order of their index, whatever order they finish in. */
export class RunDigest {
  private readonly hash = createHash('sha256');
  private readonly waiting = new Map<number, EpisodeTrace>();
  private next: number;

  constructor(firstIndex = 0) {
    this.next = firstIndex;
  }

  add(trace: EpisodeTrace): void {
    this.waiting.set(trace.index, trace);
    for (let due = this.waiting.get(this.next); due !== undefined; due = this.waiting.get(this.next)) {
      this.waiting.delete(this.next++);
      this.update(due);
    }
  }

  private update({ index, steps, outcome }: EpisodeTrace): void {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(index);
    this.hash.update(head);
    this.hash.update(new Uint8Array(steps.buffer, steps.byteOffset, steps.byteLength));
    this.hash.update(outcome);
  }

  /** Hexadecimal digest of the episodes that came without a gap from the first. */
  hex(): string {
    return this.hash.copy().digest('hex');
  }
}
