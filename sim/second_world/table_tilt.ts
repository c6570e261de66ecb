import type { Pose, Vector3 } from '../../contracts/index.ts';
import { multiplyMatrices, quaternionFromMatrix, quaternionToMatrix, rotationExp } from '../../dynamics/index.ts';
import type { SceneModel } from '../scene.ts';
import type { Effects } from './effects.ts';

/** The scene with its table, and all that stands on it, turned about the middle of the table's top. The robot stays. */
export function tiltScene(scene: SceneModel, { about_x_rad, about_y_rad }: Effects['table_tilt']): SceneModel {
  const R = new Float64Array(9);
  rotationExp(about_x_rad, about_y_rad, 0, R);
  const { position, orientation } = scene.table.pose;
  const up = new Float64Array(9);
  quaternionToMatrix(orientation, 0, up);
  const half = scene.table.size[2] / 2;
  const pivot: Vector3 = [position[0] + half * up[2], position[1] + half * up[5], position[2] + half * up[8]];
  const move = (point: Vector3): Vector3 => {
    const [x, y, z] = [point[0] - pivot[0], point[1] - pivot[1], point[2] - pivot[2]];
    return [
      pivot[0] + R[0] * x + R[1] * y + R[2] * z,
      pivot[1] + R[3] * x + R[4] * y + R[5] * z,
      pivot[2] + R[6] * x + R[7] * y + R[8] * z,
    ];
  };
  const turn = (pose: Pose): Pose => {
    const before = new Float64Array(9);
    const after = new Float64Array(9);
    quaternionToMatrix(pose.orientation, 0, before);
    multiplyMatrices(R, 0, before, 0, after, 0);
    return { position: move(pose.position), orientation: quaternionFromMatrix(after) };
  };
  const { fixtures } = scene;
  return {
    ...scene,
    table: { ...scene.table, pose: turn(scene.table.pose) },
    ...(fixtures === undefined
      ? {}
      : { fixtures: fixtures.map((fixture) => ({ ...fixture, pose: turn(fixture.pose) })) }),
    objects: scene.objects.map((object) => ({ ...object, pose: turn(object.pose) })),
    zones: scene.zones.map((zone) => ({ ...zone, position: move(zone.position) })),
  };
}
