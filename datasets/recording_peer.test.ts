import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { publishOneOfEach } from '../test/support/one_of_each.ts';
import { requirePeer } from '../test/support/peer.ts';
import { pythonEnvironment } from '../test/support/python.ts';
import { readAll, record, withFolder } from '../test/support/recording.ts';
import { publishEpisode } from '../test/support/synthetic_episode.ts';

const FOLDER = join(PACKAGE_ROOT, 'datasets', 'golden');
const RECORDING = join(PACKAGE_ROOT, '.cache', 'one_of_each.mcap');

const decoded = z.object({
  packages: z.record(z.string(), z.string()),
  profile: z.string(),
  message_count: z.number(),
  metadata: z.record(z.string(), z.record(z.string(), z.string())),
  messages: z.array(
    z.object({ topic: z.string(), type: z.string(), log_ns: z.string(), sequence: z.number(), message: z.unknown() }),
  ),
});
type Decoded = z.infer<typeof decoded>;

/** A decoded message in the terms of the Python script. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Float64Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

async function ours(file: string): Promise<Pick<Decoded, 'messages'>> {
  const { messages } = await readAll(file);
  return {
    messages: messages.map(({ topic, type, log_ns, sequence, message }) => {
      const fields = plain(message) as Record<string, unknown>;
      if (type === 'sensor_msgs/msg/CompressedImage') fields.data = true;
      return { topic, type, log_ns: String(log_ns), sequence, message: fields };
    }),
  };
}

describe('recordings in the eyes of the Python packages mcap and mcap-ros2-support', () => {
  beforeAll(async () => {
    mkdirSync(join(PACKAGE_ROOT, '.cache'), { recursive: true });
    await record(RECORDING, (bus, clock) => publishOneOfEach(bus, clock));
  });

  it('say what they decoded from one message of each kind', async () => {
    const golden = decoded.parse(JSON.parse(readFileSync(join(FOLDER, 'one_of_each.json'), 'utf8')));
    expect(golden.profile).toBe('ros2');
    expect(golden.metadata).toEqual({ surepick: { seed: '1' } });
    expect(golden.message_count).toBe(golden.messages.length);
    expect((await ours(RECORDING)).messages).toEqual(golden.messages);
  });

  it('say the same live, also of a whole episode', async (ctx) => {
    const packages = ['mcap==1.6.0', 'mcap-ros2-support==0.6.0'];
    const environment = await pythonEnvironment('mcap', packages);
    requirePeer(ctx, 'mcap', 'missing' in environment ? environment.missing : '', 'python' in environment);
    if (!('python' in environment)) return;
    const decode = async (file: string) => {
      const script = join(FOLDER, 'decode_recording.py');
      const { stdout } = await promisify(execFile)(environment.python, [script, file], { maxBuffer: 1 << 28 });
      return decoded.parse(JSON.parse(stdout));
    };
    expect((await decode(RECORDING)).messages).toEqual((await ours(RECORDING)).messages);
    await withFolder(async (folder) => {
      const file = join(folder, 'episode.mcap');
      const episode = { seed: 9, seconds: 1, colour_noise: 4, depth_noise_m: 0.002 };
      const summary = await record(file, (bus, clock, settle) => publishEpisode(bus, clock, episode, settle));
      const theirs = await decode(file);
      expect(theirs.message_count).toBe(summary.messages);
      expect(theirs.messages).toEqual((await ours(file)).messages);
    });
  });
});
