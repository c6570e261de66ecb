import type { Evidence } from '../evidence.ts';
import type { Observation } from '../observation.ts';
import { findBlur } from './blur.ts';
import { findCameraDesync } from './camera_desync.ts';
import { findClipping } from './clipping.ts';
import { findCommandDesync } from './command_desync.ts';
import { findDynamics } from './dynamics.ts';
import { findExposure } from './exposure.ts';
import { findFrozen } from './frozen.ts';
import { findGaps } from './gaps.ts';
import { findIncomplete } from './incomplete.ts';
import { findJitter } from './jitter.ts';
import { findLatency } from './latency.ts';
import { findOutcome } from './outcome.ts';

/** What is looked for in one episode. */
export const CHECKS: readonly ((evidence: Evidence) => readonly Observation[])[] = [
  findIncomplete,
  findGaps,
  findJitter,
  findLatency,
  findFrozen,
  findExposure,
  findBlur,
  findClipping,
  findCameraDesync,
  findCommandDesync,
  findDynamics,
  findOutcome,
];
