import type { Stage } from '../stage.ts';
import { handEyeStage } from './hand_eye.ts';
import { payload } from './payload.ts';
import { readOnly } from './read_only.ts';
import { shadow } from './shadow.ts';
import { speedStage } from './speed.ts';
import { stopTest } from './stop_test.ts';

/** Every stage, in the order in which they are run. */
export const STAGES: readonly Stage[] = [
  readOnly,
  shadow,
  stopTest,
  payload,
  handEyeStage,
  speedStage('speed_10'),
  speedStage('speed_25'),
  speedStage('speed_100'),
];
