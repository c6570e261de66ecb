import { fstatSync, readdirSync, readSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { compiledProgram } from '../test/support/programs.ts';
import { type Channel, ChannelReader, ChannelWriter, closeChannel, openChannel } from './channel.ts';
import { frameBytes } from './frame.ts';

const VALUES = 32;
const opened: Channel[] = [];
afterEach(() => {
  for (const channel of opened.splice(0)) closeChannel(channel);
});

function fresh(): Channel {
  const channel = openChannel(VALUES);
  opened.push(channel);
  return channel;
}

function send(writer: ChannelWriter, value: number): void {
  writer.payload.fill(value);
  writer.send();
}

describe('a channel', () => {
  it('has no name, and nobody else may read it', () => {
    const { fd } = fresh();
    const { mode, nlink } = fstatSync(fd);
    expect(nlink).toBe(0);
    expect(mode & 0o777).toBe(0o600);
    const left = ['/dev/shm', '/tmp']
      .flatMap((folder) => readdirSync(folder))
      .filter((name) => /^surepick-\w{6}$/.test(name));
    expect(left).toEqual([]);
  });

  it('gives the newest value once', () => {
    const channel = fresh();
    const [writer, reader] = [new ChannelWriter(channel), new ChannelReader(channel)];
    expect(reader.poll()).toBe(false);
    for (let round = 1; round < 30; round++) {
      for (let k = 0; k <= round % 3; k++) send(writer, 10 * round + k);
      expect(reader.poll()).toBe(true);
      expect(Array.from(reader.payload)).toEqual(new Array(VALUES).fill(10 * round + (round % 3)));
      expect(reader.poll()).toBe(false);
    }
    expect({ torn: reader.torn, foreign: reader.foreign }).toEqual({ torn: 0, foreign: 0 });
  });

  it('goes on from the writer before', () => {
    const channel = fresh();
    const reader = new ChannelReader(channel);
    const first = new ChannelWriter(channel);
    for (let k = 0; k < 5; k++) send(first, k);
    reader.poll();
    send(new ChannelWriter(channel), 77);
    expect(reader.poll()).toBe(true);
    expect(reader.payload[0]).toBe(77);
  });

  it('drops a value of which a part is missing, counts it, and keeps the one before', () => {
    const channel = fresh();
    const [writer, reader] = [new ChannelWriter(channel), new ChannelReader(channel)];
    send(writer, 1);
    reader.poll();
    send(writer, 2);
    // The second value lies in the first slot: sequence 2 is even.
    writeSync(channel.fd, new Uint8Array(40), 0, 40, 60);
    expect(reader.poll()).toBe(false);
    expect(reader.payload[0]).toBe(1);
    expect(reader.torn).toBe(1);
    send(writer, 3);
    expect(reader.poll()).toBe(true);
    expect(reader.payload[0]).toBe(3);
  });

  it('drops and counts what another channel wrote', () => {
    const [mine, other] = [fresh(), fresh()];
    const reader = new ChannelReader(mine);
    send(new ChannelWriter(other), 5);
    const bytes = new Uint8Array(2 * frameBytes(VALUES));
    readSync(other.fd, bytes, 0, bytes.length, 0);
    writeSync(mine.fd, bytes, 0, bytes.length, 0);
    expect(reader.poll()).toBe(false);
    expect(reader.foreign).toBe(1);
  });

  it('never gives a torn or an older value beside a writer that never rests', async () => {
    const channel = fresh();
    const stop = new SharedArrayBuffer(4);
    const program = await compiledProgram('flood');
    const worker = new Worker(program, { workerData: { stop, mailbox: null, channel, bare: null } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const reader = new ChannelReader(channel);
    let [newest, torn, older] = [0, 0, 0];
    const started = performance.now();
    const spent = () => performance.now() - started;
    // A busy machine may take long over it.
    while (spent() < 1000 || (reader.taken <= 100 && spent() < 30_000)) {
      if (!reader.poll()) continue;
      const { payload } = reader;
      if (payload.some((value) => value !== payload[0])) torn++;
      if (payload[0] <= newest) older++;
      newest = payload[0];
    }
    Atomics.store(new Int32Array(stop), 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
    expect({ torn, older }).toEqual({ torn: 0, older: 0 });
    expect(reader.taken).toBeGreaterThan(100);
  });
});
