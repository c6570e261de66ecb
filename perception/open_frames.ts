import type { CameraInfo, CameraName } from '../contracts/index.ts';
import { CameraFrames } from './camera_frames.ts';
import { openPictureWatch } from './monitors/index.ts';

export interface OpenFramesOptions {
  /** Pictures older than this are delayed, s; by default as fitted. */
  readonly oldest_s?: number;
  /** As of CameraFrames. */
  readonly correct?: (info: CameraInfo) => CameraInfo;
}

/**
 * Makes the frames of all cameras of a cell, with watches by the shipped limits; each call for nodes of their own.
 * @throws InputError for limits that are none
 */
export async function openCameraFrames({
  oldest_s,
  correct,
}: OpenFramesOptions = {}): Promise<() => Readonly<Record<CameraName, CameraFrames>>> {
  const options = oldest_s === undefined ? {} : { oldest_s };
  const [overview, wrist] = await Promise.all([
    openPictureWatch('overview', options),
    openPictureWatch('wrist', options),
  ]);
  const with_correction = correct === undefined ? {} : { correct };
  return () => ({
    overview: new CameraFrames('overview', { watch: overview(), ...with_correction }),
    wrist: new CameraFrames('wrist', { watch: wrist(), ...with_correction }),
  });
}
