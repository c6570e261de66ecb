export { carryOut, finishPurge, MARK_NAME, type Purged, type PurgeOrder } from './carry_out.ts';
export { JOURNAL_NAME, type PurgeJournal, readJournal } from './journal.ts';
export { type PurgePlan, planPurge, type Removal } from './plan.ts';
