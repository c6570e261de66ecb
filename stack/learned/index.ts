export { PolicyNetwork } from './policy_network.ts';
export { PolicySeat } from './policy_seat.ts';
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
