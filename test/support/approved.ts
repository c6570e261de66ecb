import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armIdentity, type Cell, envelopeOf, wantedOf } from '../../launch/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { approvalFileName, makeRequest, signApproval } from '../../safety/index.ts';
import { approversOf, DAY_MS, personWithKey } from './approvals.ts';

/** Files with which a launched arm has its approvals, and where its ledger is remembered. */
export interface ApprovedFiles {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Signs for everything that a cell with a panda under this driver wants, as if nothing had ever been in force. */
export function writeApproved(
  folder: string,
  driver: string,
  cell: Pick<Cell, 'nodes' | 'programs'>,
  envelope_file = '',
): ApprovedFiles {
  const robot = loadRobot('panda', { visualMeshes: false });
  const envelope = envelopeOf(envelope_file, robot);
  const {
    robot: name,
    serial,
    urdf_sha256,
  } = armIdentity({ robot, robot_name: 'panda', driver, serial: '', envelope });
  const ada = personWithKey('Ada');
  const approvers = join(folder, 'approvers.json');
  const approvals = join(folder, 'approvals');
  mkdirSync(approvals, { recursive: true });
  writeFileSync(approvers, JSON.stringify(approversOf([ada])), { mode: 0o644 });
  const from_ms = Date.now() - DAY_MS;
  for (const { what, document } of wantedOf(cell, envelope, 'scripted')) {
    const told = { what, robot: { name, serial, urdf_sha256 }, in_force: null, proposed: document };
    const request = makeRequest({ ...told, author: 'test', reason: 'test', from_ms, until_ms: from_ms + 30 * DAY_MS });
    const approval = signApproval(request, ada);
    writeFileSync(join(approvals, approvalFileName(approval)), JSON.stringify(approval));
  }
  return {
    args: ['--approvers', approvers, '--approvals', approvals],
    env: { XDG_STATE_HOME: join(folder, 'state') },
  };
}
