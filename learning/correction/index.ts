export { binomialTail } from './binomial_tail.ts';
export {
  checkRecord,
  type EpisodeRecord,
  type RecordLayout,
  recordLayout,
  SCREENED_FEATURES,
} from './episode_record.ts';
export {
  type RefusedRecord,
  type Screening,
  type SourceVerdict,
  screenRecords,
} from './screen_records.ts';
