export type { Transfer } from '../../learning/index.ts';
export { ablate, type FactorGain } from './ablation.ts';
export { type Gap, type GapEvents, type GapOptions, measureGap } from './gap.ts';
export { type GapReport, gapReport } from './gap_report.ts';
export { checkPolicies, createPlay, InterruptedError, type Play, type PlaySetting } from './play.ts';
export { type FactorReplay, type ReplayError, replayErrors } from './replay_error.ts';
export { describeWorld, type PlayedWorld, playedWorld, withoutFactors } from './worlds.ts';
