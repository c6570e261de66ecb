import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { InputError } from '../../contracts/index.ts';
import {
  ApprovalDesk,
  type Approvers,
  type AuditSink,
  anchorFile,
  parseApprovers,
  type RobotIdentity,
} from '../../safety/index.ts';
import { readJsonFile } from './envelope_file.ts';

const HOW = 'surepick launch GRAPH --approvers FILE --approvals DIR; surepick approve signs what is asked for there';

/** The desk of a real arm. Throws InputError where the command line names no approvers or no folder. */
export function approvedArm(
  { approvers, approvals }: { readonly approvers: string; readonly approvals: string },
  robot: RobotIdentity,
  audit: AuditSink | null,
): ApprovalDesk {
  if (approvers === '' || approvals === '') throw new InputError('safety: a real arm without approvals', HOW);
  return new ApprovalDesk({
    robot,
    folder: approvals,
    anchor: anchorFile(robot, process.env),
    approvers: () => readApprovers(approvers),
    now_ms: () => Date.now(),
    author: userInfo().username,
    reason: 'the graph that was launched asks for it',
    ...(audit === null ? {} : { audit }),
  });
}

/** Nobody but its owner may write the list of those who are trusted. */
function readApprovers(file: string): Approvers {
  const json = readJsonFile(file, 'list of approvers', 'surepick keys export-public prints what it is made of');
  if ((statSync(file).mode & 0o022) !== 0)
    throw new InputError(`list of approvers ${file}`, `others can write it; chmod 644 ${file}`);
  return parseApprovers(json, file);
}
