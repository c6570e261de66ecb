export { type OpenPolicy, openOffered } from './open_offered.ts';
export { PolicyDrive, type PolicyDriveParts } from './policy_drive.ts';
export { PolicyNode, type PolicyNodeOptions } from './policy_node.ts';
