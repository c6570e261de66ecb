export { CHECKS } from './checks/index.ts';
export { findDuplicates } from './duplicates.ts';
export { type Evidence, readEvidence } from './evidence.ts';
export { type Examined, type ExamineOptions, examineDataset, examineEvidence, findingsOf } from './examine.ts';
export { type Fingerprint, fingerprintOf, likeness } from './fingerprint.ts';
export type { Observation, Plot } from './observation.ts';
export { renderQuality } from './render_quality.ts';
export { scoreOf } from './score.ts';
