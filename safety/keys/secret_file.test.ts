import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, REDACTED, withoutSecrets } from '../../contracts/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { readSecretFile } from './secret_file.ts';

describe('readSecretFile', () => {
  it('reads only what its owner alone can read, and no link', () =>
    withFolder(async (folder) => {
      const [file, link] = ['token', 'link'].map((name) => join(folder, name));
      writeFileSync(file, 'open sesame\n');
      for (const mode of [0o644, 0o640, 0o604, 0o660]) {
        chmodSync(file, mode);
        expect(() => readSecretFile(file, '--token-file'), mode.toString(8)).toThrow(/chmod 600/);
      }
      chmodSync(file, 0o600);
      symlinkSync(file, link);
      expect(() => readSecretFile(link, '--token-file')).toThrow(/no link/);
      expect(readSecretFile(file, '--token-file')).toBe('open sesame');
      writeFileSync(file, '\nsecond');
      expect(() => readSecretFile(file, '--token-file')).toThrow(/first line/);
      expect(readFileSync(file, 'utf8')).toContain('second');
    }));

  it('strikes it out of texts and errors in every form that it is written in', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'token');
      const secret = 'p"a\\ss/wörd+1 &?';
      writeFileSync(file, secret, { mode: 0o600 });
      readSecretFile(file, '--token-file');
      const bytes = Buffer.from(secret);
      const forms = [
        secret,
        JSON.stringify({ secret }),
        encodeURIComponent(secret),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ];
      for (const form of forms) {
        const clean = withoutSecrets(`before ${form} after`);
        expect(clean).toContain(REDACTED);
        expect(clean, form).not.toContain('wörd');
        expect(clean).not.toContain(bytes.toString('hex'));
        expect(clean).not.toContain(bytes.toString('base64').slice(0, 12));
      }
      expect(new InputError(`--url https://x/?t=${secret}`, 'no').message).toBe(`--url https://x/?t=${REDACTED}: no`);
    }));
});
