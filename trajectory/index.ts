export {
  CasePlanner,
  caseInput,
  type TrajectoryCase,
  type TrajectoryCases,
  type TrajectoryResult,
  type TrajectorySamples,
  trajectoryCases,
} from './cases.ts';
export { describeFailure, Failure, type FailureKind } from './failure.ts';
export { TrajectoryGenerator } from './generator.ts';
export { SYNCHRONIZATIONS, type Synchronization, TrajectoryInput } from './input.ts';
export type { Profile } from './profile.ts';
