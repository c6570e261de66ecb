import type { Vector3 } from '../contracts/index.ts';
import type { Obstacle } from './collision/index.ts';

/** What stands around the robot and never moves, frame world (the robot's base). */
export interface Workcell {
  /** Height of the table's top (m). */
  readonly table_top_m: number;
  /** Name of the obstacle objects stand on. */
  readonly table: string;
  readonly obstacles: readonly Obstacle[];
  /** Box the tool's origin stays inside (m): a little smaller than the one the safety envelope guards. */
  readonly tool_lower_m: Vector3;
  readonly tool_upper_m: Vector3;
}

const UPRIGHT = [0, 0, 0, 1] as const;

/** The table of the pick-and-place cell, the floor it stands above and the overview camera. */
export const TABLE_WORKCELL: Workcell = {
  table_top_m: 0,
  table: 'table',
  obstacles: [
    {
      name: 'table',
      shape: { type: 'box', size: [0.8, 1.2, 0.05] },
      pose: { position: [0.55, 0, -0.025], orientation: UPRIGHT },
    },
    {
      name: 'floor',
      shape: { type: 'box', size: [4, 4, 0.1] },
      pose: { position: [0, 0, -0.1], orientation: UPRIGHT },
    },
    {
      name: 'overview camera',
      shape: { type: 'sphere', radius: 0.06 },
      pose: { position: [0.95, 0, 0.69], orientation: UPRIGHT },
    },
  ],
  tool_lower_m: [-0.25, -0.65, 0],
  tool_upper_m: [0.85, 0.65, 1.1],
};
