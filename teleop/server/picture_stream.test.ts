import { expect, it } from 'vitest';
import type { ColourImage } from '../../contracts/index.ts';
import { readPictureHeader } from '../protocol/index.ts';
import { type PictureClient, PictureStream } from './picture_stream.ts';

function picture(stamp_ns: bigint): ColourImage {
  return { stamp_ns, frame_id: 'camera', width: 64, height: 48, data: new Uint8Array(64 * 48 * 3).fill(90) };
}

class Client implements PictureClient {
  buffered = 0;
  readonly stamps: number[] = [];
  send(message: Uint8Array): void {
    this.stamps.push(readPictureHeader(new Uint8Array(message).buffer)?.stamp_ms ?? -1);
  }
}

const settle = async (stream: PictureStream, encoded: number) => {
  while (stream.counts.encoded < encoded) await new Promise((resolve) => setImmediate(resolve));
};

it('encodes a picture once for all clients', async () => {
  const stream = new PictureStream(() => 0);
  const clients = [new Client(), new Client(), new Client()];
  for (const client of clients) stream.add(client);
  stream.take('overview', picture(5_000_000n), 0);
  await settle(stream, 1);
  expect(stream.counts).toMatchObject({ came: 1, encoded: 1, sent: 3 });
  expect(clients.map(({ stamps }) => stamps)).toEqual([[5], [5], [5]]);
});

it('encodes only the newest of those that came meanwhile, of each camera', async () => {
  const stream = new PictureStream(() => 0);
  const client = new Client();
  stream.add(client);
  for (let k = 1n; k <= 20n; k++) stream.take('overview', picture(k * 1_000_000n), 0);
  stream.take('wrist', picture(500_000_000n), 0);
  await settle(stream, 3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(client.stamps.filter((stamp) => stamp < 100)).toEqual([1, 20]);
  expect(client.stamps).toContain(500);
});

it('a client without room delays nobody, and gets the newest when it has room again', async () => {
  const stream = new PictureStream(() => 0);
  const [slow, quick] = [new Client(), new Client()];
  slow.buffered = 1e6;
  stream.add(slow);
  stream.add(quick);
  for (let k = 1; k <= 5; k++) {
    stream.take('overview', picture(BigInt(k) * 1_000_000n), 0);
    await settle(stream, k);
  }
  expect(quick.stamps).toEqual([1, 2, 3, 4, 5]);
  expect(slow.stamps).toEqual([]);
  stream.flush();
  expect(slow.stamps).toEqual([]);
  slow.buffered = 0;
  stream.flush();
  stream.flush();
  expect(slow.stamps).toEqual([5]);
});
