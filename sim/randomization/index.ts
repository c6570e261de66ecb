export { randomizeArm } from './actuators.ts';
export { randomizeScene } from './apply.ts';
export { randomizeCamera } from './cameras.ts';
export { drawRandomization, type RandomizationStreams } from './draw.ts';
export { Pusher } from './pushes.ts';
export { type Quantity, type QuantityRanges, RANGES, rangeOf } from './ranges.ts';
export {
  type CameraRandomization,
  type Push,
  RANDOMIZATION_LEVELS,
  type Randomization,
  type RandomizationLevel,
  type ResetRandomization,
  randomization,
  type StartUpRandomization,
} from './record.ts';
export { SensedArm } from './sensed_arm.ts';
export { offsetZeros } from './zeros.ts';
