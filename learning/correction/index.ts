export { binomialTail } from './binomial_tail.ts';
export {
  checkRecord,
  type EpisodeRecord,
  type RecordLayout,
  recordLayout,
  SCREENED_FEATURES,
} from './episode_record.ts';
export { pictureCellNames, pictureCells } from './picture_cells.ts';
export { rankSumPValue } from './rank_sum.ts';
export {
  type RefusedRecord,
  type Screening,
  type SourceVerdict,
  screenRecords,
} from './screen_records.ts';
export type { Trigger } from './trigger_search.ts';
