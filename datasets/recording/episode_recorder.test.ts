import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import { loadDecompressHandlers } from '@mcap/support';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CAMERAS, InProcessBus, SILENT_LOG, SimClock, TOPICS } from '../../contracts/index.ts';
import { publishOneOfEach } from '../../test/support/one_of_each.ts';
import { fingerprints, readAll, record, withFolder } from '../../test/support/recording.ts';
import { sweep } from '../../test/support/sweep.ts';
import { publishEpisode } from '../../test/support/synthetic_episode.ts';
import { EpisodeRecorder, hashFile, type RecordedMessage, readRecording } from '../index.ts';

const SHORT = { seed: 3, seconds: 1, colour_noise: 4, depth_noise_m: 0.002 };

const all = async (file: string): Promise<RecordedMessage[]> => (await readAll(file)).messages;

describe('EpisodeRecorder', () => {
  it('writes files that the indexed reader of @mcap/core reads whole, with every index and checksum in place', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { messages, bytes } = await record(file, (bus, clock, settle) => publishEpisode(bus, clock, SHORT, settle));
      expect(statSync(file).size).toBe(bytes);
      const content = readFileSync(file);
      const reader = await McapIndexedReader.Initialize({
        readable: {
          size: async () => BigInt(content.length),
          read: async (offset, size) => content.subarray(Number(offset), Number(offset + size)),
        },
        decompressHandlers: await loadDecompressHandlers(),
      });
      expect(reader.header.profile).toBe('ros2');
      expect([...reader.schemasById.values()].every((schema) => schema.encoding === 'ros2msg')).toBe(true);
      expect([...reader.channelsById.values()].every((channel) => channel.messageEncoding === 'cdr')).toBe(true);
      const counts = new Map<number, bigint>();
      let last = 0n;
      for await (const { channelId, logTime } of reader.readMessages({ validateCrcs: true })) {
        expect(logTime >= last).toBe(true);
        last = logTime;
        counts.set(channelId, (counts.get(channelId) ?? 0n) + 1n);
      }
      expect(counts).toEqual(new Map(reader.statistics?.channelMessageCounts));
      expect(reader.statistics?.messageCount).toBe(BigInt(messages));
      const chunks = reader.chunkIndexes.map(
        ({ messageStartTime, messageEndTime }) => messageEndTime - messageStartTime,
      );
      expect(Math.max(...chunks.map(Number))).toBeLessThanOrEqual(0.5e9);
      const metadata: string[] = [];
      for await (const { name } of reader.readMetadata()) metadata.push(name);
      expect(metadata).toEqual(['surepick']);
    });
  });

  it('loses and reorders nothing under lock-step, even with room for two messages', async () => {
    await withFolder(async (folder) => {
      const [wide, narrow] = [join(folder, 'wide.mcap'), join(folder, 'narrow.mcap')];
      await record(wide, (bus, clock, settle) => publishEpisode(bus, clock, SHORT, settle));
      let dropped = 0;
      await record(
        narrow,
        async (bus, clock, settle) => {
          await publishEpisode(bus, clock, SHORT, settle);
          dropped = bus.stats().reduce((sum, stats) => sum + stats.dropped, 0);
        },
        { queue: 2 },
      );
      expect(dropped).toBe(0);
      expect(fingerprints(await all(narrow))).toEqual(fingerprints(await all(wide)));
      const joints = (await all(wide)).filter((message) => message.topic === TOPICS.joint_states.name);
      expect(joints.map((message) => message.sequence)).toEqual(joints.map((_, i) => i));
      expect(joints).toHaveLength(100);
    });
  });

  it('gives equal bytes for equal episodes', async () => {
    await withFolder(async (folder) => {
      const hashes: string[] = [];
      for (const name of ['a.mcap', 'b.mcap']) {
        await record(join(folder, name), (bus, clock, settle) => publishEpisode(bus, clock, SHORT, settle));
        hashes.push(hashFile(join(folder, name)).sha256);
      }
      expect(hashes[0]).toBe(hashes[1]);
    });
  });

  it('stays under 0.75 MB a second of noisy cameras', async () => {
    await withFolder(async (folder) => {
      const noisy = { seed: 1, seconds: sweep(8, 20), colour_noise: 6, depth_noise_m: 0.004 };
      const { bytes } = await record(join(folder, 'a.mcap'), (bus, clock, settle) =>
        publishEpisode(bus, clock, noisy, settle),
      );
      expect(bytes).toBeLessThan(0.75e6 * noisy.seconds);
    });
  });

  it('keeps every depth frame when asked to, and half of them by default', async () => {
    await withFolder(async (folder) => {
      const count = async (depth_hz?: number) => {
        const file = join(folder, `${depth_hz}.mcap`);
        const options = depth_hz === undefined ? {} : { depth_hz };
        await record(file, (bus, clock, settle) => publishEpisode(bus, clock, SHORT, settle), options);
        return (await all(file)).filter((message) => message.topic === `${CAMERAS.overview.depth.name}/compressedDepth`)
          .length;
      };
      expect([await count(), await count(10), await count(2)]).toEqual([5, 10, 2]);
    });
  });

  it('records pictures that decode to their size', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      await record(file, (bus, clock) => publishOneOfEach(bus, clock));
      const picture = (await all(file)).find((message) => message.topic.endsWith('/compressed'));
      const { format, width, height } = await sharp(picture?.message.data as Uint8Array).metadata();
      expect({ format, width, height }).toEqual({ format: 'jpeg', width: 4, height: 3 });
    });
  });

  it('records notes, how the episode went, and what was latched before it began to listen', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const [bus, clock] = [new InProcessBus(), new SimClock()];
      bus.publish(TOPICS.tf_static, { stamp_ns: 0n, transforms: [] });
      const recorder = new EpisodeRecorder({ file, metadata: { seed: '42', model: 'vision@1' } });
      await recorder.configure({ bus, clock, log: SILENT_LOG });
      expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, true]);
      recorder.activate();
      clock.advance(7n);
      await recorder.note('pick_place', 'grasp');
      await recorder.finish({ success: 'true' });
      await recorder.cleanup();
      expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([true, false]);
      const reader = readRecording(file);
      const seen: RecordedMessage[] = [];
      for await (const message of reader) seen.push(message);
      expect(seen.map((message) => message.topic)).toEqual(['/tf_static', '/rosout']);
      expect(seen[1].message).toMatchObject({
        msg: 'grasp',
        name: 'pick_place',
        level: 20,
        stamp: { sec: 0, nanosec: 7 },
      });
      expect(Object.fromEntries(reader.metadata)).toEqual({
        surepick: { seed: '42', model: 'vision@1', jpeg_quality: '85' },
        outcome: { success: 'true' },
      });
    });
  });

  it('finishes at cleanup what nobody finished', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const [bus, clock] = [new InProcessBus(), new SimClock()];
      const recorder = new EpisodeRecorder({ file, metadata: {} });
      await recorder.configure({ bus, clock, log: SILENT_LOG });
      recorder.activate();
      publishOneOfEach(bus, clock);
      recorder.deactivate();
      await recorder.cleanup();
      const reader = readRecording(file);
      for await (const _ of reader);
      expect(reader.end).toMatchObject({ complete: true, reason: '', messages: 17 });
    });
  });

  it.each([
    ['a folder that is missing', (folder: string) => join(folder, 'none', 'a.mcap'), /does not exist/],
    ['a file where a folder should be', (folder: string) => join(folder, 'file', 'a.mcap'), /not a folder/],
  ])('refuses %s in one line', async (_, path, reason) => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      const attempt = record(path(folder), () => {});
      await expect(attempt).rejects.toThrow(reason);
      await expect(attempt).rejects.toMatchObject({ name: 'InputError' });
    });
  });

  it('reports a full disk to the run that waits for it, and gives the file no final name', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      // Opening succeeds, writing does not: what a disk does that fills up.
      symlinkSync('/dev/full', `${file}.part`);
      const attempt = record(file, (bus, clock, settle) => publishEpisode(bus, clock, SHORT, settle));
      await expect(attempt).rejects.toThrow(/a\.mcap: the disk is full/);
      await expect(attempt).rejects.toMatchObject({ name: 'InputError' });
      expect(existsSync(file)).toBe(false);
    });
  });
});
