/** Physics and control step together; everything else runs at a whole fraction of it. */
export const CONTROL_HZ = 500;
export const DT_S = 1 / CONTROL_HZ;
export const JOINT_STATES_HZ = 100;
export const CAMERA_HZ = 10;
