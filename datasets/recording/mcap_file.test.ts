import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { McapIndexedReader, McapStreamReader } from '@mcap/core';
import { loadDecompressHandlers } from '@mcap/support';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import {
  type Disk,
  type DiskFile,
  type McapAttachment,
  McapFile,
  partialName,
  SYSTEM_DISK,
  summarizeRecording,
} from '../index.ts';

const SCHEMA = ['std_msgs/msg/String', 'ros2msg', 'string data'] as const;

/** The system's disk, told of everything that is asked of it; `datasync` waits for `gate`. */
function watched(told: string[], gate: () => Promise<void> = async () => {}): Disk {
  const name = (path: string) => path.split('/').at(-1) ?? '';
  return {
    ...SYSTEM_DISK,
    async create(file): Promise<DiskFile> {
      const inner = await SYSTEM_DISK.create(file);
      told.push('create');
      const tell = (what: string, work: () => Promise<void>) => async () => {
        told.push(what);
        await work();
      };
      return {
        append: async (bytes) => {
          told.push('append');
          await inner.append(bytes);
        },
        datasync: tell('datasync', async () => {
          await gate();
          await inner.datasync();
        }),
        sync: tell('sync', () => inner.sync()),
        close: tell('close', () => inner.close()),
      };
    },
    async rename(from, to) {
      told.push(`rename to ${name(to)}`);
      await SYSTEM_DISK.rename(from, to);
    },
    async syncFolder(folder) {
      told.push('syncFolder');
      await SYSTEM_DISK.syncFolder(folder);
    },
  };
}

async function addChunk(file: McapFile, channel: number, ns: bigint): Promise<void> {
  file.addMessage(channel, ns, ns, Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0));
  await file.flush();
}

describe('McapFile', () => {
  it('keeps attachments of any size, with index and checksums, for the readers of @mcap/core', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.mcap');
      const file = await McapFile.create({ file: path });
      const rng = createRng(11, 'attachments');
      const attachments = [0, 1, 1000, 300_000].map((length) => ({
        name: `of ${length} bytes – ü`,
        media_type: 'application/octet-stream',
        data: Uint8Array.from({ length }, () => rng.int(256)),
      }));
      const channel = file.addChannel('/text', file.addSchema(...SCHEMA));
      for (const [i, attachment] of attachments.entries()) {
        await addChunk(file, channel, BigInt(i));
        await file.addAttachment(attachment, BigInt(i));
      }
      await file.addMetadata('facts', { seed: '1' });
      await file.finish();
      const summary = await summarizeRecording(path);
      const told = (all: readonly McapAttachment[]) => all.map(({ data, ...rest }) => ({ ...rest, crc: crc32(data) }));
      expect(told(summary.attachments)).toEqual(told(attachments));
      expect(Object.fromEntries(summary.metadata)).toEqual({ facts: { seed: '1' } });
      const content = readFileSync(path);
      const reader = await McapIndexedReader.Initialize({
        readable: {
          size: async () => BigInt(content.length),
          read: async (offset, size) => content.subarray(Number(offset), Number(offset + size)),
        },
        decompressHandlers: await loadDecompressHandlers(),
      });
      expect(reader.statistics).toMatchObject({
        attachmentCount: 4,
        metadataCount: 1,
        chunkCount: 4,
        messageCount: 4n,
      });
      const stream = new McapStreamReader({ decompressHandlers: await loadDecompressHandlers(), validateCrcs: true });
      stream.append(content);
      const seen: string[] = [];
      for (let record = stream.nextRecord(); record !== undefined; record = stream.nextRecord())
        if (record.type === 'Attachment') seen.push(record.name);
      expect(seen).toEqual(attachments.map(({ name }) => name));
    });
  });

  it('syncs after each chunk without waiting for it: one sync is under way, one waits', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.mcap');
      const told: string[] = [];
      let open = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const file = await McapFile.create({ file: path, disk: watched(told, () => gate) });
      const channel = file.addChannel('/text', file.addSchema(...SCHEMA));
      for (let k = 0; k < 20; k++) await addChunk(file, channel, BigInt(k));
      expect(told.filter((what) => what === 'datasync')).toHaveLength(1);
      expect(told.filter((what) => what === 'append')).toHaveLength(21);
      const finished = file.finish();
      open();
      await finished;
      expect(told.filter((what) => what === 'datasync')).toHaveLength(2);
    });
  });

  it('gives the final name only to what is whole on the disk, and has the name on the disk, too', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.mcap');
      const told: string[] = [];
      const file = await McapFile.create({ file: path, disk: watched(told) });
      await addChunk(file, file.addChannel('/text', file.addSchema(...SCHEMA)), 1n);
      await file.finish();
      const end = told.slice(told.lastIndexOf('append') + 1).filter((what) => what !== 'datasync');
      expect(end.slice(-4)).toEqual(['sync', 'close', 'rename to a.mcap', 'syncFolder']);
      expect([existsSync(path), existsSync(partialName(path))]).toEqual([true, false]);
    });
  });

  it('tells of a sync that failed, and gives no final name after one', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.mcap');
      const broken = () => Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
      const file = await McapFile.create({ file: path, disk: watched([], broken) });
      await addChunk(file, file.addChannel('/text', file.addSchema(...SCHEMA)), 1n);
      await expect(file.finish()).rejects.toThrow(/a\.mcap: the disk cannot be written/);
      await file.abandon();
      expect([existsSync(path), existsSync(partialName(path))]).toEqual([false, true]);
    });
  });

  it('declares everything again in the second chunk, in those whose number is a power of two, and in every 64th', async () => {
    await withFolder(async (folder) => {
      const paths = ['a.mcap', 'b.mcap'].map((name) => join(folder, name));
      for (const path of paths) {
        const file = await McapFile.create({ file: path });
        const schema = file.addSchema(...SCHEMA);
        const [early, late, never] = ['/early', '/late', '/never'].map((topic) => file.addChannel(topic, schema));
        expect(never).toBe(2);
        for (let k = 0; k < 200; k++) await addChunk(file, k === 5 ? late : early, BigInt(k));
        await file.finish();
      }
      const content = readFileSync(paths[0]);
      expect(readFileSync(paths[1]).equals(content)).toBe(true);
      const reader = new McapStreamReader({
        ...{ decompressHandlers: await loadDecompressHandlers(), validateCrcs: true, includeChunks: true },
      });
      reader.append(content);
      const declared = new Map<string, number[]>();
      const indexed: number[] = [];
      let chunk = -1;
      for (let record = reader.nextRecord(); record?.type !== 'DataEnd'; record = reader.nextRecord()) {
        if (record?.type === 'Chunk') chunk++;
        if (record?.type === 'Channel') declared.set(record.topic, [...(declared.get(record.topic) ?? []), chunk]);
        if (record?.type === 'Schema') declared.set('', [...(declared.get('') ?? []), chunk]);
        if (record?.type === 'MessageIndex') indexed.push(record.records.length);
      }
      const again = [1, 2, 4, 8, 16, 32, 64, 128, 192];
      expect(Object.fromEntries(declared)).toEqual({
        ...{ '': [0, ...again], '/early': [0, ...again] },
        '/late': [5, ...again.filter((k) => k > 5)],
      });
      expect(indexed).toEqual(Array.from({ length: 200 }, () => 1));
      expect((await summarizeRecording(paths[0])).channels.map(({ topic }) => topic)).toEqual(['/early', '/late']);
    });
  });
});
