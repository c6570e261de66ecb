export {
  type Decision,
  type Evaluation,
  evaluatePolicy,
  type PolicyScore,
  scoreOf,
} from './evaluation.ts';
export { evaluationPage } from './evaluation_report.ts';
export { type EvaluationSetting, openPolicy, type PlayedEpisode, type PlayedPolicy } from './play_policy.ts';
export { PolicyNetwork } from './policy_network.ts';
export { PolicySeat } from './policy_seat.ts';
export {
  installPolicy,
  judgeOnSuites,
  type Promotion,
  promotePolicy,
  type SuiteVerdict,
} from './promotion.ts';
export { NOMINAL_WORLD, ordersOf, type RolloutOptions, runRollouts } from './rollout.ts';
export {
  NOTHING_KEPT,
  type RolloutEpisode,
  RolloutGroup,
  type RolloutKeeping,
  type RolloutOrder,
  type RolloutTrajectory,
  type RolloutWorld,
} from './rollout_group.ts';
export { playSuite, readSuites, type Suite, type SuiteResult } from './suite.ts';
