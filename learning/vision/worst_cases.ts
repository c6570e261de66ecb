import type { CameraName } from '../../contracts/index.ts';
import type { PictureResult, PoseResult } from './accuracy.ts';
import type { HeldOutTask } from './held_out.ts';

/** A picture that went badly, for people to look at. */
export interface WorstCase {
  readonly task: HeldOutTask;
  readonly world: number;
  readonly camera: CameraName;
  /** What is wrong, the gravest first: `missed`, `nothing there`, `class`, or an error of the pose. */
  readonly faults: readonly string[];
  readonly gravity: number;
}

/** Errors that count as grave as a missed object: position (m) and yaw (rad). */
const GRAVE = { position_m: 0.02, yaw_rad: 0.35 } as const;
const DEG = 180 / Math.PI;

/** Whether a pose is so far off that people should look at it: by half of what counts as missed. */
export function isOff({ position_m, yaw_rad }: PoseResult): boolean {
  return position_m > GRAVE.position_m / 2 || (yaw_rad ?? 0) > GRAVE.yaw_rad / 2;
}

/** What is wrong with one answer, and how grave it is in missed objects. */
export function faultsOf({ objects, detections }: PictureResult): Pick<WorstCase, 'faults' | 'gravity'> {
  const faults: { readonly text: string; readonly gravity: number }[] = [];
  for (const object of objects) {
    if (!object.found) faults.push({ text: `missed a ${object.class}`, gravity: 1 });
    else if (!object.class_right) faults.push({ text: `${object.class} called something else`, gravity: 1 });
    if (object.pose === null) continue;
    const { position_m, yaw_rad } = object.pose;
    const off = position_m / GRAVE.position_m;
    const turned = (yaw_rad ?? 0) / GRAVE.yaw_rad;
    if (off > 0.5) faults.push({ text: `${(1e3 * position_m).toFixed(1)} mm off`, gravity: off });
    if (turned > 0.5) faults.push({ text: `${(DEG * (yaw_rad ?? 0)).toFixed(1)}° off`, gravity: turned });
  }
  for (const { shows, score, class: kind } of detections) {
    if (!shows) faults.push({ text: `a ${kind} where none is`, gravity: 1.5 * score });
  }
  faults.sort((a, b) => b.gravity - a.gravity);
  return { faults: faults.map(({ text }) => text), gravity: faults.reduce((sum, { gravity }) => sum + gravity, 0) };
}
