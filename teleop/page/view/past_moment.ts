import { frameAt, type History, type HistoryEvent, type HistoryStatus } from '../../protocol/history.ts';
import type { SeenObject } from '../../protocol/messages.ts';
import { PICTURE_CAMERAS, type PictureCamera } from '../../protocol/pictures.ts';
import type { RobotMoment } from './robot_view.ts';

/** What was at one time. */
export interface PastMoment extends RobotMoment {
  readonly at_ms: number;
  readonly status: HistoryStatus | null;
  /** When each camera's picture then was taken; null for none. */
  readonly pictures: Readonly<Record<PictureCamera, number | null>>;
}

/** The newest of what was known at `at_ms`; null where nothing is kept. */
export function momentAt(past: History, at_ms: number): PastMoment | null {
  const frame = past.frames[frameAt(past.frames, at_ms)];
  if (frame === undefined) return null;
  const scene = past.scenes[frameAt(past.scenes, at_ms)];
  const objects: readonly SeenObject[] = scene !== undefined && scene.at_ms <= at_ms ? scene.objects : [];
  const picture = (camera: PictureCamera) => newestBefore(past.pictures[camera], at_ms);
  const { q, commanded, gripper_width_m, tool, separation_m, protective_distance_m } = frame;
  return {
    at_ms: frame.at_ms,
    joint_names: past.joint_names,
    ...{ q, commanded, gripper_width_m, tool, separation_m, protective_distance_m, objects },
    status: past.statuses[frame.status] ?? null,
    pictures: { overview: picture(PICTURE_CAMERAS[0]), wrist: picture(PICTURE_CAMERAS[1]) },
  };
}

/** Rising times; null where all are later. */
export function newestBefore(times: readonly number[], at_ms: number): number | null {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : times[low - 1];
}

/** What the banner says: how long ago, or where in a recording. */
export function replayLabel(past: Pick<History, 'source' | 'name' | 'kept'>, at_ms: number, now_ms: number): string {
  if (past.source === 'live') return `REPLAY −${Math.max(0, (now_ms - at_ms) / 1000).toFixed(1)} s`;
  const { from_ms, to_ms } = past.kept;
  return `RECORDING ${past.name}: ${((at_ms - from_ms) / 1000).toFixed(1)} of ${((to_ms - from_ms) / 1000).toFixed(1)} s`;
}

/** In words, for those who do not see the picture. */
export function statusText(status: HistoryStatus | null): string {
  if (status === null) return '';
  const { mode, task, stage, reason, reasons, operator, lost } = status;
  const doing = task === null || task === 'none' ? '' : [task, stage, reason].filter((word) => word !== '').join(', ');
  const by = operator === '' ? '' : `control: ${operator}`;
  return [mode?.replaceAll('_', ' ') ?? '', reasons.join(', '), doing, by, lost]
    .filter((word) => word !== '')
    .join('; ');
}

/** The nearest event after or before a moment; null where there is none. */
export function nextEvent(events: readonly HistoryEvent[], at_ms: number, direction: 1 | -1): HistoryEvent | null {
  if (direction > 0) return events.find((event) => event.at_ms > at_ms) ?? null;
  return events.findLast((event) => event.at_ms < at_ms) ?? null;
}
