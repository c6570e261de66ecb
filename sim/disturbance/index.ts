export { addDistractors } from './distractors.ts';
export { type DisturbanceHappened, Disturber } from './disturber.ts';
export { type DisturbedWorld, disturb } from './draw.ts';
export { type Disturbance, type DisturbanceEvent, disturbance } from './record.ts';
export { toldThrough } from './told_through.ts';
export {
  DISTURBANCE_NAMES,
  DISTURBANCES,
  type DisturbanceKind,
  type DisturbanceName,
  parseDisturbances,
  unitOf,
  type WantedDisturbance,
} from './words.ts';
