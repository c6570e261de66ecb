import { untilInterrupted } from '../../interrupt.ts';

/** Work that throws the reason of its signal when it is aborted: null then, with exit code 130. */
export async function untilAborted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  return untilInterrupted(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      process.exitCode = 130;
      return null;
    }
  });
}
