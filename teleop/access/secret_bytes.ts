import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Random bytes that nobody can guess; handed in, so that tests know them. */
export type RandomBytes = (count: number) => Uint8Array;
/** Milliseconds since the Unix epoch, by the machine's clock: what is kept over a restart needs it. */
export type WallClock = () => number;

export const systemRandom: RandomBytes = (count) => randomBytes(count);
export const systemWallClock: WallClock = () => Date.now();

/** Bytes as base64url: letters, digits, - and _. */
export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Which of these digests is that of a secret, or -1: takes as long whichever it is, and as long where it is none. */
export function indexOfDigest(digests: readonly Uint8Array[], digest: Uint8Array): number {
  let found = -1;
  for (let i = 0; i < digests.length; i++) if (timingSafeEqual(digests[i], digest)) found = i;
  return found;
}
