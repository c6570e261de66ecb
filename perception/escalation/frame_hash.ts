import { createHash } from 'node:crypto';
import type { ColourImage, DepthImage } from '../../contracts/index.ts';

/** SHA-256 over a frame's colour bytes and then its depth bytes (float32, little endian): names the picture itself. */
export function frameHash(frame: {
  readonly colour: Pick<ColourImage, 'data'>;
  readonly depth: Pick<DepthImage, 'data'>;
}): string {
  const { data } = frame.depth;
  const depth = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(frame.colour.data).update(depth).digest('hex');
}
