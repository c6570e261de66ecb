import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapWriter } from '@mcap/core';
import { z } from 'zod';
import { CAMERAS, SILENT_LOG, TOPICS } from '../contracts/index.ts';
import {
  EpisodeRecorder,
  McapFile,
  type RecordedMessage,
  readRecording,
  summarizeRecording,
} from '../datasets/index.ts';
import { rosDefinition } from '../ros/index.ts';
import { type Benchmark, type BenchmarkResult, row } from './benchmark.ts';
import { CAMERA_HZ, type Published, RecordingLoad } from './recording_load.ts';
import { type CpuTime, countCpu } from './thread_cpu.ts';

export interface RecordingLength {
  readonly episodes: number;
  readonly episode_s: number;
  /** Of the same load that nobody records. */
  readonly reference_s: number;
}

const SHORT: RecordingLength = { episodes: 3, episode_s: 5, reference_s: 3 };
const MOST_LOOP_CORES = 0.5;
const MOST_GAP_S = 0.5;
const MOST_GROWTH_MB = 64;
const DEPTH_HZ = 5;
const COLOUR = [CAMERAS.overview, CAMERAS.wrist].map(({ colour }) => `${colour.name}/compressed`);
const STATES = [TOPICS.joint_states.name, TOPICS.controller_state.name];
/** Messages that both writers write again at full speed. */
const REWRITTEN = 20_000;

/** Two topics of states at 1 kHz and two cameras of 640×480 at 30 Hz in real time, beside the same load that nobody records. */
export const recording: Benchmark = {
  name: 'recording',
  claim:
    '1 kHz of joint and controller states and two 640×480 cameras at 30 Hz: nothing left out, memory flat, the recording loop under half a core, half a second from an episode to the next',
  run: (progress) => measureRecording(SHORT, progress),
};

const leftOut = z.record(z.string(), z.number());

interface Episode {
  readonly published: Published;
  /** Messages in the file, by topic. */
  readonly topics: ReadonlyMap<string, number>;
  readonly left_out: number;
  /** As the file itself tells, by topic. */
  readonly told: Readonly<Record<string, number>>;
  readonly bytes: number;
}

export async function measureRecording(
  { episodes, episode_s, reference_s }: RecordingLength,
  progress: (line: string) => void,
): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-recording-'));
  try {
    const load = new RecordingLoad();
    progress(`the load alone, ${reference_s} s`);
    const alone = countCpu();
    await load.publish(reference_s);
    const reference_cores = alone().loop_s / reference_s;
    const done: Episode[] = [];
    const [cpus, gaps_s, rss_MB]: [CpuTime[], number[], number[]] = [[], [], []];
    let next = await ready(load, join(folder, '0.mcap'));
    for (let k = 0; k < episodes; k++) {
      progress(`episode ${k + 1} of ${episodes}, ${episode_s} s`);
      const count = countCpu();
      const published = await load.publish(episode_s, () => rss_MB.push(process.memoryUsage.rss() / 1e6));
      cpus.push(count());
      const ended_ms = performance.now();
      const { file, bytes, left_out } = await next.finish();
      next = await ready(load, join(folder, `${k + 1}.mcap`));
      gaps_s.push((performance.now() - ended_ms) / 1000);
      const { channels, metadata } = await summarizeRecording(file);
      const told = leftOut.parse(JSON.parse(metadata.get('recording')?.left_out ?? ''));
      const topics = new Map(channels.map((one) => [one.topic, one.messages]));
      done.push({ published, bytes, left_out, topics, told });
      if (k > 0) rmSync(file);
    }
    await next.finish();
    progress('the same messages at full speed');
    const speed = await fullSpeed(join(folder, '0.mcap'), folder);
    return resultOf({ done, cpus, gaps_s, rss_MB, episode_s, reference_cores, speed });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ready({ bus, clock }: RecordingLoad, file: string): Promise<EpisodeRecorder> {
  const recorder = new EpisodeRecorder({ file, metadata: { robot: 'panda' }, live: true, depth_hz: DEPTH_HZ });
  await recorder.configure({ bus, clock, log: SILENT_LOG });
  recorder.activate();
  return recorder;
}

interface Measured {
  readonly done: readonly Episode[];
  readonly cpus: readonly CpuTime[];
  readonly gaps_s: readonly number[];
  readonly rss_MB: readonly number[];
  readonly episode_s: number;
  readonly reference_cores: number;
  readonly speed: { readonly ours: number; readonly theirs: number };
}

function resultOf({ done, cpus, gaps_s, rss_MB, episode_s, reference_cores, speed }: Measured): BenchmarkResult {
  const cores = cpus.map(({ loop_s }) => loop_s / episode_s);
  const others = cpus.map(({ others_s }) => others_s / episode_s);
  const gap_s = Math.max(...gaps_s);
  const quarter = Math.floor(rss_MB.length / 4);
  const growth_MB = median(rss_MB.slice(-quarter)) - median(rss_MB.slice(quarter, 2 * quarter));
  const sum = (of: (episode: Episode) => number) => done.reduce((total, episode) => total + of(episode), 0);
  const kindOf = (topic: string) => (STATES.includes(topic) ? 'states' : 'pictures');
  const missingOf = (one: Episode, topic: string) => one.published[kindOf(topic)] - (one.topics.get(topic) ?? 0);
  const missing = (topics: readonly string[]) =>
    sum((one) => topics.reduce((all, topic) => all + missingOf(one, topic), 0));
  const [states, pictures] = [missing(STATES), missing(COLOUR)];
  const miscounted = done.flatMap((one) =>
    [...STATES, ...COLOUR]
      .map((topic) => ({ topic, missing: missingOf(one, topic), counted: one.told[topic] ?? 0 }))
      .filter((each) => each.missing !== each.counted)
      .map((each) => `${each.missing} of ${each.topic} missing, ${each.counted} counted`),
  );
  const [left_out, published] = [sum((one) => one.left_out), sum((one) => one.published.states)];
  const pause_s = Math.max(...done.map((one) => one.published.pause_s));
  const MB_per_s = sum(({ bytes }) => bytes) / 1e6 / (done.length * episode_s);
  return {
    rows: [
      row('recording loop, the load in it', median(cores), 'cores', { name: 'load alone', value: reference_cores }),
      row('recording loop, worst episode', Math.max(...cores), 'cores'),
      row('encoders, disk and garbage collector beside it', median(others), 'cores'),
      row('written', MB_per_s, 'MB/s'),
      row('from an episode to the next, worst', gap_s, 's'),
      row('memory, second quarter to last', growth_MB, 'MB'),
      row('at full speed, compressed and synced', speed.ours, 'messages/s', {
        ...{ name: '@mcap/core, neither', value: speed.theirs },
      }),
    ],
    checks: [
      {
        ...{ name: 'every message is in the recordings', pass: left_out === 0 && states === 0 && pictures === 0 },
        detail: `${states} states and ${pictures} colour pictures missing of ${published} states twice and pictures at ${CAMERA_HZ} Hz twice; the machine kept the process waiting ${pause_s.toFixed(2)} s`,
      },
      {
        ...{ name: 'what is missing was counted, once', pass: miscounted.length === 0 && published > 0 },
        detail: [`${left_out} counted, depth pictures too`, ...miscounted].join('; '),
      },
      {
        ...{ name: `loop under ${MOST_LOOP_CORES} cores`, pass: Math.max(...cores) < MOST_LOOP_CORES },
        detail: cores.map((share) => share.toFixed(3)).join(', '),
      },
      {
        ...{ name: `memory grows by less than ${MOST_GROWTH_MB} MB`, pass: growth_MB < MOST_GROWTH_MB },
        detail: `${growth_MB.toFixed(1)} MB, at most ${Math.max(...rss_MB).toFixed(0)} MB`,
      },
      {
        ...{ name: `next episode within ${MOST_GAP_S} s`, pass: gap_s < MOST_GAP_S },
        detail: gaps_s.map((gap) => gap.toFixed(3)).join(', '),
      },
    ],
  };
}

/** Messages a second that our writer and the one of @mcap/core write of what was recorded, in turns; the better of two each. */
async function fullSpeed(file: string, folder: string): Promise<Measured['speed']> {
  const messages: RecordedMessage[] = [];
  for await (const message of readRecording(file)) if (messages.push(message) >= REWRITTEN) break;
  const again = join(folder, 'again.mcap');
  const rate = async (write: typeof writeOurs) => {
    const begun_ms = performance.now();
    await write(again, messages);
    return (1000 * messages.length) / (performance.now() - begun_ms);
  };
  const best = { ours: 0, theirs: 0 };
  for (let round = 0; round < 2; round++) {
    best.ours = Math.max(best.ours, await rate(writeOurs));
    best.theirs = Math.max(best.theirs, await rate(writeTheirs));
  }
  return best;
}

async function writeOurs(path: string, messages: readonly RecordedMessage[]): Promise<void> {
  const file = await McapFile.create({ file: path });
  const channels = new Map<string, number>();
  for (const { topic, type, log_ns, data } of messages) {
    const known = channels.get(topic);
    const id = known ?? file.addChannel(topic, file.addSchema(type, 'ros2msg', rosDefinition(type).text));
    channels.set(topic, id);
    file.addMessage(id, log_ns, log_ns, data);
    if (file.pending_bytes >= 1 << 18) await file.flush();
  }
  await file.finish();
}

async function writeTheirs(path: string, messages: readonly RecordedMessage[]): Promise<void> {
  const handle = await open(path, 'w');
  let position = 0n;
  const writable = {
    position: () => position,
    write: async (bytes: Uint8Array) => {
      await handle.write(bytes);
      position += BigInt(bytes.length);
    },
  };
  const writer = new McapWriter({ writable, chunkSize: 1 << 18 });
  await writer.start({ profile: 'ros2', library: '' });
  const channels = new Map<string, number>();
  for (const { topic, type, log_ns, sequence, data } of messages) {
    let channelId = channels.get(topic);
    if (channelId === undefined) {
      const text = Buffer.from(rosDefinition(type).text);
      const schemaId = await writer.registerSchema({ name: type, encoding: 'ros2msg', data: text });
      channelId = await writer.registerChannel({ schemaId, topic, messageEncoding: 'cdr', metadata: new Map() });
      channels.set(topic, channelId);
    }
    await writer.addMessage({ channelId, sequence, logTime: log_ns, publishTime: log_ns, data });
  }
  await writer.end();
  await handle.close();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
