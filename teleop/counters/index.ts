export { Counters } from './counters.ts';
export { WorkCounts } from './work_counts.ts';
