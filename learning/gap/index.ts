export { pearson } from './correlation.ts';
export { type Difference, pairedDifference } from './paired_difference.ts';
export { meanMaximumRankViolation } from './rank_violation.ts';
export { compareWorlds, type PolicyOutcomes, type Transfer, type TransferRow } from './transfer.ts';
