import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../contracts/index.ts';
import { AuditLog, AuditNode, type CheckpointSigner, SyncedLogFile } from '../../safety/index.ts';

/** Where audit logs of launched graphs go: the user's state folder of the XDG base directory specification. */
export function auditFolder(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  const state = env.XDG_STATE_HOME;
  return join(state?.startsWith('/') ? state : join(home, '.local', 'state'), 'surepick', 'audit');
}

export interface GraphAuditOptions {
  /** Of the arm: every launch with it goes on with its log. */
  readonly robot: string;
  readonly serial: string;
  readonly namespace: string;
  /** Empty for the user's state folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly signer: CheckpointSigner | null;
}

/** The audit log of an arm, gone on with or begun, and the node that tells its checkpoints. Throws InputError. */
export function openGraphAudit(options: GraphAuditOptions): { readonly log: AuditLog; readonly node: AuditNode } {
  const { robot, serial, namespace, folder, clock, signer } = options;
  const name = [robot, serial, ...namespace.split('/')]
    .filter((part) => part !== '')
    .map((part) => part.replaceAll(/[^A-Za-z0-9_.-]/g, '_'))
    .join('-');
  const into = folder === '' ? auditFolder(process.env) : folder;
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const file = new SyncedLogFile(join(into, `${name}.jsonl`), name);
  const log = new AuditLog({ log: name, file, now_ns: () => clock.now_ns(), signer });
  return { log, node: new AuditNode(log) };
}
