import type { Pose, Vector3 } from '../../contracts/index.ts';
import { quaternionFromMatrix } from '../../dynamics/index.ts';
import { type Board, compose, isDark, type RigidTransform } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { SceneFixture, SceneModel } from '../../sim/index.ts';

const PLATE_M = 0.003;
/** How far the dark squares' print stands out, m. */
const INK_M = 5e-5;
const PAPER_RGB: Vector3 = [0.93, 0.93, 0.92];
const INK_RGB: Vector3 = [0.07, 0.07, 0.08];

interface Part {
  readonly size: Vector3;
  /** Of the part's middle, in the board's frame: z points into the board. */
  readonly T: RigidTransform;
  readonly rgb: Vector3;
}

/** A plate with a white border of a square's width, and its dark squares, as boxes. */
function boardParts({ columns, rows, square_m }: Board): Part[] {
  const at = (x: number, y: number, z: number) => Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, x, y, z);
  const plate: Vector3 = [(columns + 2) * square_m, (rows + 2) * square_m, PLATE_M];
  const parts: Part[] = [{ size: plate, T: at(0, 0, INK_M + PLATE_M / 2), rgb: PAPER_RGB }];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      if (!isDark(i, j)) continue;
      const [x, y] = [(i + 0.5 - columns / 2) * square_m, (j + 0.5 - rows / 2) * square_m];
      parts.push({ size: [square_m, square_m, INK_M], T: at(x, y, INK_M / 2), rgb: INK_RGB });
    }
  }
  return parts;
}

/** Size of the plate with its border, m. */
export function plateSize({ columns, rows, square_m }: Board): Vector3 {
  return [(columns + 2) * square_m, (rows + 2) * square_m, PLATE_M];
}

/** The scene with a board fixed in it. */
export function sceneWithBoard(scene: SceneModel, board: Board, T_world_board: RigidTransform): SceneModel {
  const fixtures = boardParts(board).map(
    ({ size, T, rgb }): SceneFixture => ({ size, rgb, friction: 0.5, pose: poseOf(compose(T_world_board, T)) }),
  );
  return { ...scene, fixtures: [...(scene.fixtures ?? []), ...fixtures] };
}

/**
 * The robot with a board bolted to a link, as a tool is.
 * @param T_link_board  where its printed face is in the link's frame
 */
export function robotWithBoard(robot: Robot, board: Board, link: string, T_link_board: RigidTransform): Robot {
  const frame = robot.model.frames.find(({ name }) => name === link);
  if (frame === undefined) throw new Error(`robot ${robot.name} has no link ${link}`);
  const T_body_link = Float64Array.of(...frame.R, ...frame.p);
  const visual = boardParts(board).map(({ size, T, rgb }, i) => {
    const placed = compose(compose(T_body_link, T_link_board), T);
    return {
      name: `calibration_board_${i}`,
      link,
      body: frame.body,
      R: [...placed.subarray(0, 9)],
      p: [...placed.subarray(9)],
      shape: { type: 'box', size } as const,
      rgba: [...rgb, 1] as const,
    };
  });
  return { ...robot, model: { ...robot.model, visual: [...robot.model.visual, ...visual] } };
}

export function poseOf(T: RigidTransform): Pose {
  return { position: [T[9], T[10], T[11]], orientation: quaternionFromMatrix(T) };
}
