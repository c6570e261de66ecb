/** Speed limits of the seven joints (rad/s), the manufacturer's table. */
export const PANDA_VELOCITY: readonly number[] = [2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61];

/**
 * Acceleration (rad/s²) and jerk (rad/s³) limits of the seven joints, which a URDF cannot carry; the manufacturer's table.
 * Position, velocity and torque limits stand in panda.urdf.
 */
export const PANDA_ACCELERATION: readonly number[] = [15, 7.5, 10, 12.5, 15, 20, 20];
export const PANDA_JERK: readonly number[] = [7500, 3750, 5000, 6250, 7500, 10000, 10000];

/** Elbow up, tool pointing down over the table's near edge, clear of the overview camera's view; fingers open. */
export const PANDA_HOME: readonly number[] = [0, -0.785, 0, -2.356, 0, 1.571, 0.785, 0.04];
