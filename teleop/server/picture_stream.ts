import sharp from 'sharp';
import type { ColourImage } from '../../contracts/index.ts';
import { stampToSeconds } from '../../contracts/index.ts';
import { PICTURE_HEADER_BYTES, type PictureCamera, writePictureHeader } from '../protocol/index.ts';

/** A client that takes pictures; `buffered` is what it has not taken yet, bytes. */
export interface PictureClient {
  readonly buffered: number;
  send(message: Uint8Array): void;
}

/** An encoded picture. */
export interface EncodedPicture {
  readonly camera: PictureCamera;
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
  /** When it was taken, of the robot's clock, and ms of the server's. */
  readonly stamp_ns: bigint;
  readonly taken_ms: number;
}

/** A client that has more than this waiting gets no picture until it has taken it, bytes. */
const BUDGET_BYTES = 64 * 1024;
const QUALITY = 80;

/** Pictures as JPEG, each encoded once for all clients; who is slow gets the newest when there is room, and never a queue. */
export class PictureStream {
  /** Pictures that came, were encoded, were sent, and were left out for a client without room. */
  readonly counts = { came: 0, encoded: 0, sent: 0, skipped: 0 };
  /** The newest of each camera. */
  readonly newest = new Map<PictureCamera, EncodedPicture>();
  private readonly clients = new Map<PictureClient, Map<PictureCamera, EncodedPicture>>();
  private readonly waiting = new Map<PictureCamera, () => Promise<void>>();
  private readonly busy = new Set<PictureCamera>();
  private readonly now_ms: () => number;
  private readonly onEncoded: (picture: EncodedPicture) => void;

  /** @param onEncoded  hears every encoded picture */
  constructor(now_ms: () => number, onEncoded: (picture: EncodedPicture) => void = () => {}) {
    this.now_ms = now_ms;
    this.onEncoded = onEncoded;
  }

  /** A client gets the newest pictures at once. */
  add(client: PictureClient): void {
    this.clients.set(client, new Map());
    for (const picture of this.newest.values()) this.offer(client, picture);
  }

  remove(client: PictureClient): void {
    this.clients.delete(client);
  }

  /** Takes a picture; one that comes while its camera's last is encoded waits, and only the newest does. */
  take(camera: PictureCamera, picture: ColourImage, taken_ms: number): void {
    this.counts.came++;
    this.waiting.set(camera, () => this.encode(camera, picture, taken_ms));
    if (!this.busy.has(camera)) void this.work(camera);
  }

  /** Sends what waits to those who have room again; to be called now and then. */
  flush(): void {
    for (const [client, held] of this.clients) {
      for (const picture of held.values()) {
        if (client.buffered > BUDGET_BYTES) break;
        held.delete(picture.camera);
        this.send(client, picture);
      }
    }
  }

  private async work(camera: PictureCamera): Promise<void> {
    this.busy.add(camera);
    try {
      for (let next = this.waiting.get(camera); next !== undefined; next = this.waiting.get(camera)) {
        this.waiting.delete(camera);
        await next();
      }
    } finally {
      this.busy.delete(camera);
    }
  }

  private async encode(camera: PictureCamera, picture: ColourImage, taken_ms: number): Promise<void> {
    const { width, height, data, stamp_ns } = picture;
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    this.counts.encoded++;
    const encoded = { camera, width, height, jpeg, stamp_ns, taken_ms };
    this.newest.set(camera, encoded);
    this.onEncoded(encoded);
    for (const client of this.clients.keys()) this.offer(client, encoded);
  }

  private offer(client: PictureClient, picture: EncodedPicture): void {
    if (client.buffered <= BUDGET_BYTES) {
      this.clients.get(client)?.delete(picture.camera);
      this.send(client, picture);
      return;
    }
    this.counts.skipped++;
    this.clients.get(client)?.set(picture.camera, picture);
  }

  private send(client: PictureClient, { camera, width, height, jpeg, stamp_ns, taken_ms }: EncodedPicture): void {
    const message = new Uint8Array(PICTURE_HEADER_BYTES + jpeg.length);
    const age_ms = this.now_ms() - taken_ms;
    const stamp_ms = 1000 * stampToSeconds(stamp_ns);
    writePictureHeader({ camera, width, height, stamp_ms, age_ms }, new DataView(message.buffer));
    message.set(jpeg, PICTURE_HEADER_BYTES);
    this.counts.sent++;
    client.send(message);
  }
}
