import { cameraFault } from './camera_fault.ts';

/** A cap, or a cloth on the lens: nothing comes through, of depth neither. */
export const camera_covered = cameraFault(
  { name: 'camera_covered', title: 'the camera over the table is covered', says: /the picture is .*covered/ },
  { kind: 'lens_cap', rgb: [6, 6, 6], depth_lost: true },
);
