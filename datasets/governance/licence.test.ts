import { describe, expect, it } from 'vitest';
import { checkLicence, licenceFits } from './licence.ts';

describe('licences', () => {
  it('takes SPDX expressions and names the place of others', () => {
    for (const text of ['MIT', 'CC-BY-4.0', 'LicenseRef-lab', '(MIT OR Apache-2.0) AND CC0-1.0', 'GPL-2.0+'])
      expect(checkLicence(text, '--licence')).toBe(text);
    for (const text of ['', ' ', 'mine', 'MIT AND', 'MIT/Apache', `${'('.repeat(5000)}MIT`, 'MIT\u0000'])
      expect(() => checkLicence(text, '--licence'), text).toThrow(/--licence .*SPDX expression/);
  });

  it('needs one side of OR, both of AND, and the exception with its licence', () => {
    const rows: [string, string[], boolean][] = [
      ['MIT OR GPL-3.0-only', ['MIT'], true],
      ['MIT AND GPL-3.0-only', ['MIT'], false],
      ['MIT AND (CC0-1.0 OR GPL-3.0-only)', ['MIT', 'CC0-1.0'], true],
      ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only'], false],
      ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only WITH Classpath-exception-2.0'], true],
      ['Apache-2.0', [], false],
    ];
    for (const [text, allowed, fits] of rows) expect(licenceFits(text, allowed), text).toBe(fits);
  });
});
