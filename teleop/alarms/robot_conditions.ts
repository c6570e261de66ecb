import type { Detections, DiagnosticStatus, PictureFault, SafetyState } from '../../contracts/index.ts';
import type { LatencyMessage, PictureCamera } from '../protocol/index.ts';
import type { Condition } from './condition.ts';
import { isLimit, safetyCondition } from './safety_conditions.ts';

/** Key in a node's diagnostics that tells why it cannot write. */
const WRITE_FAILURE = 'write_failure';
/** A picture this old is no picture of now, ms; it must stay so for a while to be an alarm. */
const OLD_PICTURE_MS = 300;
const OLD_PICTURE_AFTER_MS = 1000;
/** Objectives are missed for so long before somebody is told, ms. */
const OBJECTIVE_AFTER_MS = 10_000;
/** A message of a node that only warns is told when it lasts, ms. */
const WARNING_AFTER_MS = 1500;

const FAULT_WORDS: Readonly<Record<PictureFault, readonly [string, string]>> = {
  covered: ['is covered', 'Clear and clean the lens. See docs/runbooks/camera_covered.md.'],
  glare: ['is dazzled', 'Mend the light, or shade the camera.'],
  blur: ['is blurred', 'Clean the lens; look whether the camera shakes.'],
  frozen: ['repeats one picture', 'Restart the driver of the camera. See docs/runbooks/camera_frozen.md.'],
  delayed: ['sends old pictures', 'Look at the camera’s cable and at the computer’s load.'],
  no_depth: ['gives no depth', 'Look at its projector and at sunlight. See docs/runbooks/depth_missing.md.'],
  unfamiliar: ['shows what the network does not know', 'Clear the scene of what does not belong there.'],
  moved: ['does not stand where it was calibrated', 'Calibrate it again. See docs/runbooks/camera_moved.md.'],
};

/** What the gate's state asks for. What only limits a motion is no alarm. */
export function safetyConditions({ reasons }: Pick<SafetyState, 'reasons'>): readonly Condition[] {
  return reasons.filter((reason) => !isLimit(reason)).map(safetyCondition);
}

/** What a node tells of itself. */
export function diagnosticConditions({ name, level, message, values }: DiagnosticStatus): readonly Condition[] {
  const failure = values.find(({ key }) => key === WRITE_FAILURE)?.value ?? '';
  const found: Condition[] = [];
  if (failure !== '') {
    found.push({
      key: `recorder/${name}`,
      priority: 'high',
      text: `${name} cannot write: ${failure}`,
      remedy: 'Make room on the disk. See docs/runbooks/disk_full.md.',
    });
  }
  if (level === 'ok') return found;
  const text = `${name}: ${message === '' ? level : message}`;
  const key = `diagnostics/${name}`;
  if (level === 'warn') {
    const remedy = 'Watch whether it lasts; the log of the node says more.';
    found.push({ key, priority: 'low', text, remedy, after_ms: WARNING_AFTER_MS });
  } else found.push({ key, priority: 'high', text, remedy: 'Look at the log of the node; restart it if it stays.' });
  return found;
}

/** What is wrong with what a camera shows. */
export function perceptionConditions(
  camera: PictureCamera,
  { faults = [], degraded_reason }: Pick<Detections, 'faults' | 'degraded_reason'>,
): readonly Condition[] {
  const found = faults.map((fault): Condition => {
    const [text, remedy] = FAULT_WORDS[fault];
    const priority = fault === 'unfamiliar' ? 'low' : 'medium';
    return { key: `perception/${camera}/${fault}`, priority, text: `The ${camera} camera ${text}`, remedy };
  });
  if (degraded_reason === '') return found;
  const degraded: Condition = {
    key: `perception/${camera}/degraded`,
    priority: 'medium',
    text: `Perception is degraded: ${degraded_reason}`,
    remedy: 'Look twice before a pick; the log of perception says more.',
    after_ms: WARNING_AFTER_MS,
  };
  return [...found, degraded];
}

/** @param lost  why the robot cannot be heard; empty while it can */
export function linkConditions(
  lost: string,
  pictures_ms: Readonly<Record<PictureCamera, number | null>>,
): readonly Condition[] {
  if (lost !== '') {
    const remedy = 'Use the button on the robot if it moves. Then see whether the cell runs and its network is up.';
    return [{ key: 'link/robot', priority: 'critical', text: `The robot cannot be heard: ${lost}`, remedy }];
  }
  return (['overview', 'wrist'] as const).flatMap((camera): Condition[] => {
    const age_ms = pictures_ms[camera];
    if (age_ms === null || age_ms <= OLD_PICTURE_MS) return [];
    const key = `link/${camera}`;
    const text = `The picture of the ${camera} camera is old`;
    const remedy = 'Jogging waits for a new picture. Look at the camera’s cable and at the computer’s load.';
    return [{ key, priority: 'medium', text, remedy, after_ms: OLD_PICTURE_AFTER_MS }];
  });
}

/** A stop that was asked for and that the gate does not show yet. @param cause  why it was asked for */
export function stopConditions(is_pending: boolean, cause: string): readonly Condition[] {
  if (!is_pending) return [];
  const text = `A protective stop is not confirmed: ${cause}`;
  return [{ key: 'stop/pending', priority: 'critical', text, remedy: 'Use the button on the robot.', after_ms: 300 }];
}

/** Objectives that are missed. */
export function latencyConditions({ stages }: Pick<LatencyMessage, 'stages'>): readonly Condition[] {
  return stages.flatMap(({ stage, p95_ms, slo_ms }): Condition[] => {
    if (slo_ms === null || p95_ms <= slo_ms) return [];
    const text = `${stage} takes longer than its objective of ${slo_ms} ms (95 of 100)`;
    const remedy = 'End other programs on the computer; picks go on, slower.';
    return [{ key: `latency/${stage}`, priority: 'low', text, remedy, after_ms: OBJECTIVE_AFTER_MS }];
  });
}

/** Questions of the robot that wait for a person. */
export function questionConditions(open: number): readonly Condition[] {
  if (open === 0) return [];
  const text = open === 1 ? 'The robot asks a question' : `The robot asks ${open} questions`;
  return [{ key: 'questions', priority: 'medium', text, remedy: 'Answer it, or leave it: the robot goes on without.' }];
}
