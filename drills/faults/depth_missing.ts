import { cameraFault } from './camera_fault.ts';

/** A projector that failed, or sunlight: colours come, depth does not. */
export const depth_missing = cameraFault(
  {
    name: 'depth_missing',
    title: 'the camera over the table gives colours without depth',
    says: /the picture is .*no_depth/,
  },
  { kind: 'no_depth', kept: 0 },
);
