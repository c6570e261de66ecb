import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import {
  EpisodeRecorder,
  type EpisodeRecorderOptions,
  type RecordedMessage,
  type RecordingEnd,
  type RecordingSummary,
  readRecording,
} from '../../datasets/index.ts';

/** Records what `publish` puts on a fresh bus, in lock-step: `settle` waits for every reader. */
export async function record(
  file: string,
  publish: (bus: InProcessBus, clock: SimClock, settle: () => Promise<void>) => Promise<void> | void,
  options: Partial<EpisodeRecorderOptions> = {},
): Promise<RecordingSummary> {
  const bus = new InProcessBus();
  const clock = new SimClock();
  const recorder = new EpisodeRecorder({ file, metadata: { seed: '1' }, ...options });
  await recorder.configure({ bus, clock, log: SILENT_LOG });
  recorder.activate();
  try {
    await publish(bus, clock, () => bus.settled());
    await bus.settled();
  } catch (error) {
    await recorder.cleanup().catch(() => {});
    throw error;
  }
  return recorder.finish();
}

/** A folder for the length of one piece of work. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything a recording holds, as far as it can be read. */
export async function readAll(file: string): Promise<{ messages: RecordedMessage[]; end: RecordingEnd }> {
  const reader = readRecording(file);
  const messages: RecordedMessage[] = [];
  for await (const message of reader) messages.push(message);
  return { messages, end: reader.end };
}

/** Messages in a form that compares fast: where, when, which, and the checksum of the bytes. */
export function fingerprints(messages: readonly RecordedMessage[]): string[] {
  return messages.map(
    ({ topic, log_ns, sequence, data }) => `${topic} ${log_ns} ${sequence} ${data.length} ${crc32(data)}`,
  );
}
