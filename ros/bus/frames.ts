import type { Pose, Transforms } from '../../contracts/index.ts';
import { TfBuffer } from './tf_buffer.ts';

/** The frame tree of a bus, fed by its /tf and /tf_static, and who waits for it to grow. */
export class Frames {
  private readonly buffer = new TfBuffer();
  private readonly waiting = new Set<() => void>();

  add(message: Transforms, fixed: boolean): void {
    this.buffer.add(message, fixed);
    for (const retry of this.waiting) retry();
  }

  forget(): void {
    this.buffer.forget();
  }

  /** As TfBuffer has it. */
  lookup(parent: string, child: string, stamp_ns: bigint, beyond_ns?: bigint): Pose | null {
    return this.buffer.lookup(parent, child, stamp_ns, beyond_ns);
  }

  /** Calls `retry` whenever edges have come. Returns what ends it. */
  onGrowth(retry: () => void): () => void {
    this.waiting.add(retry);
    return () => this.waiting.delete(retry);
  }
}
