export * from './approval.ts';
export * from './approvers.ts';
export * from './difference.ts';
export { envelopeDifference, envelopeDocument } from './envelope_difference.ts';
export { ApprovalLedger, type InForce } from './ledger.ts';
export * from './request.ts';
export * from './subject.ts';
export { isTighter, subjectDifference } from './subject_difference.ts';
