import { createHash } from 'node:crypto';
import type { CameraFrame } from '../../sim/index.ts';

/** A picture and where the encoders said the arm was (nq: rad, m). */
export interface Picture {
  readonly frame: CameraFrame;
  readonly q: Float64Array;
}

/** SHA-256 over colours, depths and encoder readings of pictures, in order. */
export function pictureHash(pictures: readonly Picture[]): string {
  const hash = createHash('sha256');
  for (const { frame, q } of pictures) {
    hash.update(frame.colour.data);
    hash.update(new Uint8Array(frame.depth.data.buffer, frame.depth.data.byteOffset, frame.depth.data.byteLength));
    hash.update(new Uint8Array(q.buffer, q.byteOffset, q.byteLength));
  }
  return hash.digest('hex');
}
