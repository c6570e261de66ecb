import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { documentHash } from '../keys/index.ts';
import { type Approval, parseApproval } from './approval.ts';
import { type ApprovalRequest, parseRequest } from './request.ts';

const REQUEST = '.request.json';
const APPROVAL = '.approval.json';
const REVOCATION = '.revocation.json';

/** Files that cannot be what their names say, and why. */
export type Unreadable = (file: string, why: string) => void;

/**
 * Where requests, signatures and revocations of one arm lie, as files that people carry to and fro. Each signature is a file
 * of its own, named by what it signs and who signs, so that people who sign at the same time write different files.
 */
export class ApprovalFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get ledger(): string {
    return join(this.folder, 'ledger.jsonl');
  }

  get lock(): string {
    return join(this.folder, 'supervisor.lock');
  }

  /** Makes the folder. Throws InputError where it cannot be made. */
  prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true });
    } catch (cause) {
      throw new InputError(`folder ${this.folder}`, 'must be a folder that can be made', { cause });
    }
  }

  approvals(unreadable: Unreadable): Approval[] {
    return this.all(APPROVAL, parseApproval, unreadable);
  }

  requests(unreadable: Unreadable): { readonly file: string; readonly request: ApprovalRequest }[] {
    return this.all(REQUEST, (json, file) => ({ file, request: parseRequest(json, file) }), unreadable);
  }

  /** Revocations as they are written; whoever takes them checks them. */
  revocations(unreadable: Unreadable): { readonly file: string; readonly json: unknown }[] {
    return this.all(REVOCATION, (json, file) => ({ file, json }), unreadable);
  }

  /** Writes a request and returns its file. */
  writeRequest(request: ApprovalRequest): string {
    const { what, nonce } = request.statement;
    return this.write(`${what.replace('/', '-')}-${nonce.slice(0, 12)}${REQUEST}`, request);
  }

  private write(name: string, value: object): string {
    const file = join(this.folder, name);
    writeFileSync(`${file}.part`, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(`${file}.part`, file);
    return file;
  }

  private all<T>(ending: string, parse: (json: unknown, file: string) => T, unreadable: Unreadable): T[] {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder).filter((name) => name.endsWith(ending));
    return names.sort().flatMap((name) => {
      const file = join(this.folder, name);
      try {
        return [parse(JSON.parse(readFileSync(file, 'utf8')), file)];
      } catch (error) {
        unreadable(file, error instanceof InputError ? error.message : 'must be JSON');
        return [];
      }
    });
  }
}

/** Name of the file with a signature, beside its request. */
export function approvalFileName({ statement, key }: Approval): string {
  const of = documentHash(statement).slice(0, 12);
  return `${statement.what.replace('/', '-')}-${of}-${key.slice(0, 12)}${APPROVAL}`;
}
