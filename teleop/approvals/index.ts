export type { OpenApproval, OpenApprovals } from './open_approvals.ts';
export { type ApprovalRoutesOptions, approvalRoutes } from './routes.ts';
