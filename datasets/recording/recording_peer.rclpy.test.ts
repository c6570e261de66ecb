import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { CAMERAS, PACKAGE_ROOT, TOPICS, type Topic } from '../../contracts/index.ts';
import { publishOneOfEach } from '../../test/support/one_of_each.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { readAll, record, withFolder } from '../../test/support/recording.ts';
import { freshDomain, requireRos, startUnderRos } from '../../test/support/ros.ts';
import { rosSamples } from '../../test/support/ros_samples.ts';
import { publishEpisode } from '../../test/support/synthetic_episode.ts';

const FOLDER = join(PACKAGE_ROOT, 'datasets', 'recording', 'golden');
const RECORDING = join(PACKAGE_ROOT, '.cache', 'one_of_each.mcap');

const MCAP = ['mcap==1.6.0', 'mcap-ros2-support==0.6.0'];
const ROSBAGS = ['rosbags==0.11.9'];

const byRosbags = z.object({
  message_count: z.number(),
  messages: z.array(z.object({ topic: z.string(), type: z.string(), log_ns: z.string(), message: z.unknown() })),
});
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
  if (Number.isNaN(value)) return null;
  if (value instanceof Float64Array) return [...value].map(plain);
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
    expect(golden.metadata).toEqual({ surepick: { seed: '1', jpeg_quality: '85' } });
    expect(golden.message_count).toBe(golden.messages.length);
    expect((await ours(RECORDING)).messages).toEqual(golden.messages);
  });

  it('say the same live, also of a whole episode', async (ctx) => {
    const python = await peer(ctx, 'mcap', MCAP);
    const decode = async (file: string) => decoded.parse(await output(python, 'decode_recording.py', file));
    expect((await decode(RECORDING)).messages).toEqual((await ours(RECORDING)).messages);
    await withFolder(async (folder) => {
      const file = join(folder, 'episode.mcap');
      const episode = { seed: 9, seconds: 1, colour_noise: 4, depth_noise_m: 0.002 };
      const summary = await record(file, (bus, clock, settle) => publishEpisode(bus, clock, episode, settle));
      const theirs = await decode(file);
      expect(theirs.message_count).toBe(summary.messages);
      expect(theirs.messages).toEqual((await ours(file)).messages);
      await recordDrawn(join(folder, 'drawn.mcap'));
      expect((await decode(join(folder, 'drawn.mcap'))).messages).toEqual(
        (await ours(join(folder, 'drawn.mcap'))).messages,
      );
    });
  });

  it('are read by rosbags too, every message', async (ctx) => {
    const python = await peer(ctx, 'rosbags', ROSBAGS);
    await withFolder(async (folder) => {
      const drawn = join(folder, 'drawn.mcap');
      await recordDrawn(drawn);
      for (const file of [RECORDING, drawn]) {
        const theirs = byRosbags.parse(await output(python, 'decode_with_rosbags.py', file));
        const { messages } = await ours(file);
        expect(theirs.message_count).toBe(messages.length);
        expect(theirs.messages).toEqual(messages.map(({ sequence: _, ...message }) => message));
      }
    });
  });
});

describe('a recording of a live ROS 2 graph', () => {
  it('holds every topic, and is read by both packages, every message', async (ctx) => {
    const ros = await requireRos(ctx);
    const mcap = await peer(ctx, 'mcap', MCAP);
    const rosbags = await peer(ctx, 'rosbags', ROSBAGS);
    const program = await compiledProgram('record_graph_program');
    await withFolder(async (folder) => {
      const file = join(folder, 'graph.mcap');
      const recorder = startUnderRos(ros, [process.execPath, program, file], { domain: freshDomain() });
      const { code, stdout, stderr } = await recorder.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { messages } = await ours(file);
      expect(stdout).toContain(`recorded ${messages.length}`);
      const unheard = [TOPICS.clock, TOPICS.heartbeats].map(({ name }) => name);
      const expected = Object.values(TOPICS)
        .map(({ name }) => name)
        .filter((name) => !unheard.includes(name));
      const topics = new Set(messages.map(({ topic }) => topic));
      expect([...topics]).toEqual(
        expect.arrayContaining([
          ...expected,
          `${CAMERAS.wrist.colour.name}/compressed`,
          `${CAMERAS.overview.depth.name}/compressedDepth`,
          CAMERAS.wrist.info.name,
        ]),
      );
      expect(decoded.parse(await output(mcap, 'decode_recording.py', file)).messages).toEqual(messages);
      const theirs = byRosbags.parse(await output(rosbags, 'decode_with_rosbags.py', file));
      expect(theirs.message_count).toBe(messages.length);
    });
  });
});

/** Every recorded topic of the stack, with drawn messages. */
async function recordDrawn(file: string): Promise<void> {
  const samples = rosSamples(7);
  const topics: Topic<unknown>[] = [
    ...Object.values(TOPICS),
    ...Object.values(CAMERAS).flatMap(({ colour, depth, info }) => [colour, depth, info]),
  ];
  const summary = await record(file, (bus, clock) => {
    for (const [i, topic] of topics.concat(topics, topics).entries()) {
      clock.advance(BigInt(i + 1) * 1_000_000n);
      bus.publish(topic, samples.draw(topic.schema));
    }
  });
  expect(summary.messages).toBeGreaterThan(3 * 20);
}

/** An interpreter with these packages, or the test is skipped. */
async function peer(ctx: TestContext, name: string, packages: readonly string[]): Promise<string> {
  const environment = await pythonEnvironment(name, packages);
  requirePeer(ctx, name, 'missing' in environment ? environment.missing : '', 'python' in environment);
  return 'python' in environment ? environment.python : '';
}

async function output(python: string, script: string, file: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, [join(FOLDER, script), file], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}
