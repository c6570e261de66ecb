import type { Evidence } from '../evidence.ts';
import { armJoints, columnOf, pathOf } from '../motion.ts';
import { cut, type Observation, plotOf, seconds } from '../observation.ts';
import type { PictureFeatures } from '../picture_features.ts';
import { interpolate, stretches } from '../statistics.ts';

/** Way of the arm (rad) in which a picture that does not change is frozen, and how many equal pictures that takes. */
const MOVED_RAD = 0.1;
const FEWEST_PICTURES = 2;
/** A pixel's difference (grey values) up to which pictures are the same again, after a codec. */
const NO_CHANGE = 1;
const MAJOR_S = 1;

/** Pictures that stay the same to the pixel, and joints that stay the same to the bit, while the robot moves or is told to. */
export function findFrozen(evidence: Evidence): readonly Observation[] {
  return [...evidence.cameras.flatMap((camera) => frozenPictures(camera, evidence)), ...frozenJoints(evidence)];
}

function frozenPictures(camera: PictureFeatures, { series }: Evidence): Observation[] {
  const moving = series.joints ?? series.command;
  if (moving === null) return [];
  const path = pathOf(moving);
  const { time_s, same, change } = camera;
  const at = (t: number) => interpolate(moving.time_s, path, t);
  const runs = stretches(time_s.length, FEWEST_PICTURES, (k) => k > 0 && (same[k] === 1 || change[k] <= NO_CHANGE))
    .map(([first, last]) => ({ from_s: time_s[first - 1], to_s: time_s[last] }))
    .filter(({ from_s, to_s }) => at(to_s) - at(from_s) > MOVED_RAD);
  if (runs.length === 0) return [];
  const total_s = runs.reduce((sum, { from_s, to_s }) => sum + to_s - from_s, 0);
  const worst = runs.reduce((a, b) => (b.to_s - b.from_s > a.to_s - a.from_s ? b : a));
  const moved = at(worst.to_s) - at(worst.from_s);
  const detail = `${camera.camera}: the same picture for ${seconds(total_s)} while the arm moves (${moved.toFixed(2)} rad in the longest stretch, ${MOVED_RAD} allowed)`;
  const severity = total_s > MAJOR_S ? 'major' : 'minor';
  const plot = plotOf(`${camera.camera}: largest change of a pixel, grey values`, time_s, change, [NO_CHANGE]);
  return [{ check: 'frozen', severity, detail, fix: cut(worst.from_s, worst.to_s), ...worst, plot }];
}

/** Rows of joint states, all equal to the bit, in which a command goes this far. */
function frozenJoints({ series: { joints, command } }: Evidence): Observation[] {
  if (joints === null || command === null) return [];
  const n = joints.names.length;
  const arm = armJoints(joints);
  const asked = pathOf(command);
  const equal = (k: number) =>
    k > 0 && arm.every((i) => joints.position[k * n + i] === joints.position[(k - 1) * n + i]);
  const at = (t: number) => interpolate(command.time_s, asked, t);
  const runs = stretches(joints.time_s.length, 5, equal)
    .map(([first, last]) => ({ from_s: joints.time_s[first - 1], to_s: joints.time_s[last] }))
    .filter(({ from_s, to_s }) => at(to_s) - at(from_s) > MOVED_RAD);
  if (runs.length === 0) return [];
  const worst = runs.reduce((a, b) => (b.to_s - b.from_s > a.to_s - a.from_s ? b : a));
  const told = at(worst.to_s) - at(worst.from_s);
  const detail = `joint states: not one bit changes for ${seconds(worst.to_s - worst.from_s)} while the command goes ${told.toFixed(2)} rad, ${MOVED_RAD} allowed`;
  const plot = plotOf(`${joints.names[arm[0]]}, rad`, joints.time_s, columnOf(joints, joints.position, arm[0]));
  return [{ check: 'frozen', severity: 'major', detail, fix: cut(worst.from_s, worst.to_s), ...worst, plot }];
}
