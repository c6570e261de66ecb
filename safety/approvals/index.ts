export * from './approval.ts';
export {
  ApprovalDesk,
  type ApprovalDeskOptions,
  type ApprovalState,
  WARNED_DAYS,
  type Wanted,
} from './approval_desk.ts';
export { ApprovalFolder, approvalFileName } from './approval_folder.ts';
export * from './approvers.ts';
export { ANY_AUTONOMY, type AutonomyLimits, autonomyLimits } from './autonomy.ts';
export * from './difference.ts';
export { envelopeDifference, envelopeDocument } from './envelope_difference.ts';
export { ApprovalLedger, type InForce } from './ledger.ts';
export { anchorFile, LedgerFile } from './ledger_file.ts';
export { ProcessLock } from './process_lock.ts';
export * from './request.ts';
export * from './subject.ts';
export { isTighter, subjectDifference } from './subject_difference.ts';
