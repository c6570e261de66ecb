import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import {
  ApprovalLedger,
  type ApprovalRequest,
  approversSchema,
  documentOf,
  makeRequest,
  parseApproval,
  parseRevocation,
} from '../../safety/index.ts';
import { ARM, DAY_MS } from '../../test/support/approvals.ts';
import { addApprove } from './approve.ts';
import { addKeys } from './keys.ts';

let folder = '';
let stderr = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'approve verb '));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  stderr = '';
  process.exitCode = undefined;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function surepick(...args: string[]): Promise<string> {
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const program = new Command('surepick').exitOverride();
  for (const add of [addKeys, addApprove]) add(program);
  await program.parseAsync(args, { from: 'user' });
  return stdout;
}

const level = (at: string) => documentOf({ schema: 'surepick.autonomy', version: 1, level: at });

function writeRequest(change: Partial<ApprovalRequest> = {}, until_ms = Date.now() + DAY_MS): string {
  const file = join(folder, 'a.request.json');
  const told = { what: 'autonomy', robot: ARM, in_force: level('scripted'), proposed: level('learned') };
  const request = makeRequest({
    ...told,
    author: 'Zoe\u001b[2J',
    reason: 'trial',
    from_ms: until_ms - 2 * DAY_MS,
    until_ms,
  });
  writeFileSync(file, JSON.stringify({ ...request, ...change }));
  return file;
}

describe('surepick approve', () => {
  it('shows the difference and signs it, so that a ledger takes it', async () => {
    await surepick('keys', 'new', 'ada', '--owner', 'Ada');
    const half = JSON.parse(await surepick('keys', 'export-public', 'ada'));
    const list = {
      schema: 'surepick.approvers',
      version: 1,
      approvers: [{ owner: half.owner, key: half.public_key, may: ['autonomy', 'approvers'] }],
    };
    const file = writeRequest({ in_force: null });
    const told = {
      what: 'autonomy',
      robot: ARM,
      in_force: null,
      proposed: level('learned'),
      author: 'Zoe',
      reason: 'trial',
    };
    const request = makeRequest({ ...told, from_ms: Date.now() - 1000, until_ms: Date.now() + DAY_MS });
    writeFileSync(file, JSON.stringify(request));
    await surepick('approve', file, '--yes');
    const [name] = readdirSync(folder).filter((one) => one.endsWith('.approval.json'));
    const approval = parseApproval(JSON.parse(readFileSync(join(folder, name), 'utf8')), name);
    const { ledger } = ApprovalLedger.begin(ARM, approversSchema.parse(list), Date.now() - 500);
    expect(ledger.refusal(request, [approval], Date.now())).toBe('');
    expect(stderr).toMatch(/level.*learned/);
    expect(stderr).toContain('nothing is in force');
    expect(stderr).toContain('asked for by Zoe: trial');
  });

  it('signs nothing that was changed, or is over, nor with a key that is none', async () => {
    await expect(surepick('approve', writeRequest(), '--yes')).rejects.toThrow('surepick keys new');
    await surepick('keys', 'new', 'ada', '--owner', 'Ada');
    const changed = writeRequest({ proposed: level('unattended') });
    await expect(surepick('approve', changed, '--yes')).rejects.toThrow('new_sha256');
    await expect(surepick('approve', writeRequest({}, Date.now() - 1), '--yes')).rejects.toThrow('must not be over');
    await expect(surepick('approve', writeRequest(), '--yes', '--key', 'eve')).rejects.toThrow(InputError);
    await surepick('keys', 'revoke', 'ada', '--reason', 'lost');
    await expect(surepick('approve', writeRequest(), '--yes', '--key', 'ada')).rejects.toThrow('is revoked');
    expect(readdirSync(folder).filter((one) => one.endsWith('.approval.json'))).toEqual([]);
  });

  it('lets nothing that a file says move the cursor', async () => {
    await surepick('keys', 'new', 'ada', '--owner', 'Ada');
    await surepick('approve', writeRequest(), '--yes');
    expect(stderr).not.toContain('\u001b[2J');
  });
});

describe('surepick keys', () => {
  it('makes, lists, rotates and revokes keys of mode 0600', async () => {
    await surepick('keys', 'new', 'ada', '--owner', 'Ada');
    await surepick('keys', 'rotate', 'ada');
    await surepick('keys', 'revoke', 'ada');
    const { keys } = JSON.parse(await surepick('keys', 'list', '--json'));
    expect(keys.map(({ state }: { state: string }) => state).sort()).toEqual(['retired', 'revoked']);
    const at = join(folder, 'surepick', 'keys');
    parseRevocation(JSON.parse(readFileSync(join(at, 'ada.revocation.json'), 'utf8')));
    for (const name of readdirSync(at)) expect(statSync(join(at, name)).mode & 0o777, name).toBe(0o600);
    expect(stderr).toContain('keep a copy offline');
  });

  it('locks one with a passphrase', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'correct horse\n');
    await expect(surepick('keys', 'new', 'ada', '--owner', 'Ada', '--passphrase-file', secret)).rejects.toThrow(
      'chmod 600',
    );
    chmodSync(secret, 0o600);
    await surepick('keys', 'new', 'ada', '--owner', 'Ada', '--passphrase-file', secret);
    await expect(surepick('approve', writeRequest(), '--yes')).rejects.toThrow('wants its passphrase');
    await surepick('approve', writeRequest(), '--yes', '--passphrase-file', secret);
  });
});
