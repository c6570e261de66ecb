import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { EpisodeRecorder } from '../../datasets/index.ts';
import { AuditLog, AuditNode, DirectLogFile, KeyStore, keyFolder, signerOf } from '../../safety/index.ts';
import { addKeys } from './keys.ts';
import { addSafety } from './safety.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safety log verb '));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  process.exitCode = undefined;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

/** What a command line prints, and its exit code. */
async function surepick(...args: string[]): Promise<{ said: string; code: typeof process.exitCode }> {
  let said = '';
  const keep = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  const program = new Command('surepick').exitOverride();
  for (const add of [addKeys, addSafety]) add(program);
  process.exitCode = undefined;
  await program.parseAsync(args, { from: 'user' });
  return { said, code: process.exitCode };
}

/** A log whose checkpoints a key signs, and a recording of them. */
async function signedLog(key: string): Promise<{ log: string; recording: string }> {
  const [bus, clock] = [new InProcessBus(), new SimClock()];
  const [log, recording] = ['cell.jsonl', 'cell.mcap'].map((name) => join(folder, name));
  const signer = signerOf(new KeyStore(keyFolder(process.env)).load(key).key);
  const audit = new AuditLog({ log: 'cell', file: new DirectLogFile(log), now_ns: () => clock.now_ns(), signer });
  const [recorder, node] = [new EpisodeRecorder({ file: recording, metadata: {} }), new AuditNode(audit)];
  for (const one of [recorder, node]) await one.configure({ bus, clock, log: SILENT_LOG });
  for (const one of [recorder, node]) one.activate();
  for (let k = 0; k < 5; k++) {
    audit.record({ kind: 'mode', rule: 'mode.automatic', inputs: { k }, outcome: 'automatic' });
    await expect.poll(() => audit.checkpoint?.sequence).toBe(k + 1);
    await bus.settled();
  }
  node.deactivate();
  await node.cleanup();
  await recorder.cleanup();
  return { log, recording };
}

it('takes a public key as keys prints it, as PEM, and no other for it', async () => {
  for (const name of ['ada', 'bob']) {
    await surepick('keys', 'new', name, '--owner', name);
    writeFileSync(join(folder, `${name}.json`), (await surepick('keys', 'export-public', name)).said);
  }
  const { log, recording } = await signedLog('ada');
  const { key } = new KeyStore(keyFolder(process.env)).load('ada');
  const pem = join(folder, 'ada.pem');
  writeFileSync(pem, createPublicKey(key).export({ type: 'spki', format: 'pem' }));
  const verify = (file: string) => surepick('safety', 'verify', log, '--recording', recording, '--key', file);
  for (const file of [join(folder, 'ada.json'), pem]) {
    const { said, code } = await verify(file);
    expect({ said, code }).toEqual({
      said: expect.stringMatching(/([1-9]\d*) checkpoints, \1 of them signed/),
      code: undefined,
    });
  }
  const other = await verify(join(folder, 'bob.json'));
  expect(other).toEqual({ said: expect.stringContaining('is signed by the unknown key'), code: 1 });
  const lines = readFileSync(log, 'utf8').split('\n');
  writeFileSync(log, lines.slice(0, 3).join('\n').concat('\n'));
  expect(await verify(pem)).toEqual({ said: expect.stringContaining('its tail was cut'), code: 1 });
  writeFileSync(pem, '{"public_key": "none"}');
  await expect(verify(pem)).rejects.toThrow('must be a public key: PEM, or as surepick keys export-public prints it');
});
