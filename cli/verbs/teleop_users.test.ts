import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askTwice } from '../read_password.ts';
import { addTeleop } from './teleop.ts';
import { addTeleopTls } from './teleop_tls.ts';
import { addTeleopUsers } from './teleop_users.ts';

const passwords: string[] = [];
const read = async () => passwords.shift() ?? '';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'teleop verb '));
  vi.stubEnv('XDG_CONFIG_HOME', scratch);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<string> {
  let said = '';
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  }
  const program = new Command('surepick').exitOverride();
  const teleop = program.command('teleop').action(() => {});
  addTeleopUsers(teleop, read);
  addTeleopTls(teleop);
  await program.parseAsync(['teleop', ...args], { from: 'user' });
  return said;
}

describe('surepick teleop users', () => {
  it('adds, lists, changes and removes users', async () => {
    passwords.push('correct horse battery', 'another one altogether');
    expect(await run('users', 'add', 'ada', '--role', 'operator')).toContain('ada may log in as operator');
    expect(await run('users', 'list', '--json')).toMatch(/"users":\[\{"name":"ada","role":"operator"/);
    const before = readFileSync(join(scratch, 'surepick', 'teleop', 'users.json'), 'utf8');
    expect(await run('users', 'passwd', 'ada')).toContain('sessions have ended');
    expect(readFileSync(join(scratch, 'surepick', 'teleop', 'users.json'), 'utf8')).not.toBe(before);
    expect(await run('users', 'role', 'ada', '--role', 'viewer')).toContain('ada is viewer');
    expect(await run('users', 'remove', 'ada')).toContain('is removed');
    expect(await run('users', 'list')).toContain('no users');
  });

  it('asks for no password of a user that cannot be added or is not there', async () => {
    passwords.push('correct horse battery');
    await run('users', 'add', 'ada', '--role', 'operator');
    passwords.push('left');
    await expect(run('users', 'add', 'ada', '--role', 'viewer')).rejects.toThrow('is there already');
    await expect(run('users', 'add', 'bob', '--role', 'root')).rejects.toThrow(
      /choices are viewer, operator, supervisor/,
    );
    await expect(run('users', 'passwd', 'bob')).rejects.toThrow('one of: ada');
    expect(passwords.splice(0)).toEqual(['left']);
  });
});

describe('a typed password', () => {
  const typed = async (text: string) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const shown: Buffer[] = [];
    output.on('data', (part: Buffer) => shown.push(part));
    const asked = askTwice('password', input, output).catch((error: unknown) => String(error));
    for (const key of text) {
      input.write(key);
      await new Promise((resolve) => setImmediate(resolve));
    }
    input.end();
    return { password: await asked, shown: Buffer.concat(shown).toString() };
  };

  it('is taken when typed twice, corrections too, and never shown', async () => {
    const { password, shown } = await typed('correct horsf\x7fe\rcorrect horse\r');
    expect([password, shown]).toEqual(['correct horse', 'password: \nagain: \n']);
  });

  it('is refused when it differs, or input ends or is broken off', async () => {
    expect((await typed('one\rtwo\r')).password).toContain('the same twice');
    expect((await typed('one\r')).password).toContain('input ended');
    expect((await typed('one\x03')).password).toContain('input ended');
  });
});

describe('surepick teleop tls init', () => {
  it('makes files, says how to trust them and what to run, and replaces nothing', async () => {
    const said = await run('tls', 'init', '--host', 'cell-3.example.org', '10.0.0.7');
    const folder = join(scratch, 'surepick', 'teleop', 'tls');
    expect(said).toContain('certificate for localhost, 127.0.0.1, ::1, cell-3.example.org, 10.0.0.7 until');
    expect(said).toContain(`--cert ${join(folder, 'server.pem')} --key ${join(folder, 'server.key')}`);
    expect(said).toMatch(/fingerprint (?:[0-9A-F]{2}:){31}[0-9A-F]{2}/);
    await expect(run('tls', 'init')).rejects.toThrow('is there already');
    expect(await run('tls', 'init', '--force', '--host', '10.0.0.7', '--json')).toMatch(/"same_ca":true/);
  });

  it('has options of its own where the verb around it has some of the same name', async () => {
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const program = new Command('surepick').exitOverride();
    addTeleop(program);
    const out = join(scratch, 'own');
    await program.parseAsync(['teleop', 'tls', 'init', '--host', 'cell-3.example.org', '--out', out], { from: 'user' });
    const { subjectAltName } = new X509Certificate(readFileSync(join(out, 'server.pem')));
    expect(subjectAltName).toContain('DNS:cell-3.example.org');
  });
});
