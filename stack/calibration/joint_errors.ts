import type { JointErrors } from '../../perception/index.ts';

/** What encoders may err by: zeros within ±1 mrad, and play of the gears within ±0.5 mrad, each evenly. */
export const JOINT_ERRORS: JointErrors = { offset_sigma_rad: 0.0006, play_sigma_rad: 0.0003 };
