import { readSync, writevSync } from 'node:fs';

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const PAUSE_MS = 0.5;

/** Bytes in and out, one call after the other. */
export interface Channel {
  /** Fills `into`. False at the end of the input, before its first byte; throws if it ends in between. */
  read(into: Uint8Array): boolean;
  /** Writes all parts; they may change afterwards. */
  write(parts: readonly Uint8Array[]): void;
}

/** A channel over two file descriptors, without the event loop: the thread waits inside the call. */
export class Pipe implements Channel {
  private readonly input: number;
  private readonly out: number;

  constructor(input: number, out: number) {
    this.input = input;
    this.out = out;
  }

  read(into: Uint8Array): boolean {
    let at = 0;
    while (at < into.length) {
      const count = patiently(() => readSync(this.input, into, at, into.length - at, null));
      if (count === 0) {
        if (at === 0) return false;
        throw new Error(`the input ended ${into.length - at} bytes before the end of a frame`);
      }
      at += count;
    }
    return true;
  }

  /** Writes all parts, with one system call where the pipe takes them at once. */
  write(parts: readonly Uint8Array[]): void {
    let left = parts.filter(({ length }) => length > 0);
    while (left.length > 0) {
      const waiting = left;
      let written = patiently(() => writevSync(this.out, waiting));
      const whole = left.findIndex(({ length }) => {
        if (written < length) return true;
        written -= length;
        return false;
      });
      left = whole < 0 ? [] : [left[whole].subarray(written), ...left.slice(whole + 1)];
    }
  }
}

/** Repeats a call on a pipe that another program has made non-blocking. */
function patiently(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS);
    }
  }
}
