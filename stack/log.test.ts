import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManifestWriter } from '../datasets/index.ts';
import { readSecretFile } from '../safety/index.ts';
import { record, withFolder } from '../test/support/recording.ts';
import { createLog } from './log.ts';

const SECRET = 'Kc7-two horses-91';

describe('a secret that was read', () => {
  it('is in no line of the log, whatever field or error it stands in', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'secret');
      writeFileSync(file, SECRET, { mode: 0o600 });
      const secret = readSecretFile(file, '--token-file');
      const lines: string[] = [];
      const log = createLog('debug', { node: 'one', started_with: secret }, (line) => lines.push(line));
      log.info(secret);
      log.warn({ url: `https://host/?key=${encodeURIComponent(secret)}`, deep: { list: [secret] } }, 'asked');
      log.error(new Error(`cannot log in with ${secret}`));
      log.child({ [secret]: secret }).debug({ cause: { stack: secret } }, 'as a key');
      log.info({ password: 'another one', login: { token: 'a third' }, a: { b: { secret: 'a fourth' } } }, 'by name');
      expect(lines).toHaveLength(5);
      for (const line of lines) {
        expect(() => JSON.parse(line)).not.toThrow();
        for (const word of ['horses', 'another one', 'a third', 'a fourth']) expect(line).not.toContain(word);
      }
    }));

  it('is in no recording and no manifest', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'secret');
      writeFileSync(file, SECRET, { mode: 0o600 });
      const secret = readSecretFile(file, '--token-file');
      const recording = join(folder, 'a.mcap');
      await record(recording, () => {}, { metadata: { command: `run --token ${secret}` } });
      const facts = { run_id: 'r', command: `run ${secret}`, options: { token: secret }, versions: {}, machine: {} };
      new ManifestWriter(join(folder, 'manifest.json'), facts);
      for (const each of ['a.mcap', 'manifest.json']) {
        const content = readFileSync(join(folder, each), 'latin1');
        expect(content).toContain('[secret]');
        expect(content).not.toContain('horses');
      }
    }));
});
