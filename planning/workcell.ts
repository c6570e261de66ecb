import type { Obstacle } from '../collision/index.ts';
import type { Container, TaskGoal, Vector3 } from '../contracts/index.ts';

/** What stands around the robot and never moves, frame world (the robot's base). */
export interface Workcell {
  /** Height of the table's top (m). */
  readonly table_top_m: number;
  /** Names of the obstacles objects stand on. */
  readonly supports: readonly string[];
  readonly obstacles: readonly Obstacle[];
  /** The camera that looks at the table. */
  readonly camera: CameraPlace;
  /** Box the tool's origin stays inside (m): a little smaller than the one the safety envelope guards. */
  readonly tool_lower_m: Vector3;
  readonly tool_upper_m: Vector3;
}

/** Where a camera is (m) and the unit vector along which it looks, frame world. */
export interface CameraPlace {
  readonly position: Vector3;
  readonly axis: Vector3;
}

const UPRIGHT = [0, 0, 0, 1] as const;

/** The table of the pick-and-place cell, the floor it stands above and the overview camera. */
export const TABLE_WORKCELL: Workcell = {
  table_top_m: 0,
  supports: ['table'],
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
  camera: { position: [0.95, 0, 0.69], axis: [-0.5015, 0, -0.86515] },
  tool_lower_m: [-0.25, -0.65, 0],
  tool_upper_m: [0.85, 0.65, 1.1],
};

/** Thickness the walls of containers are taken to have (m). */
export const WALL_M = 0.006;

/** The cell with the containers of a goal standing in it; the same cell when the goal has none. */
export function furnished(workcell: Workcell, goal: TaskGoal): Workcell {
  if (goal.task !== 'clutter') return workcell;
  const containers = [...containerObstacles('bin', goal.bin), ...containerObstacles('tray', goal.tray)];
  const floors = containers.map((obstacle) => obstacle.name).filter((name) => name.endsWith('floor'));
  return {
    ...workcell,
    obstacles: [...workcell.obstacles, ...containers],
    supports: [...workcell.supports, ...floors],
  };
}

/** Four walls and the floor of a container standing on the table. */
export function containerObstacles(name: string, { centre: [x, y, z], inner: [a, b, depth] }: Container): Obstacle[] {
  const wall = (side: string, size: Vector3, position: Vector3): Obstacle => ({
    name: `${name} ${side}`,
    shape: { type: 'box', size },
    pose: { position, orientation: UPRIGHT },
  });
  const offset_x = (a + WALL_M) / 2;
  const offset_y = (b + WALL_M) / 2;
  const outer = b + 2 * WALL_M;
  const walls = [
    wall('back wall', [WALL_M, outer, depth], [x - offset_x, y, z + depth / 2]),
    wall('front wall', [WALL_M, outer, depth], [x + offset_x, y, z + depth / 2]),
    wall('right wall', [a, WALL_M, depth], [x, y - offset_y, z + depth / 2]),
    wall('left wall', [a, WALL_M, depth], [x, y + offset_y, z + depth / 2]),
  ];
  // a floor no thicker than the table leaves is the table itself
  return z > 1e-6 ? [...walls, wall('floor', [a, b, z], [x, y, z / 2])] : walls;
}
