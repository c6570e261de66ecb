import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SignedFolder, signedFolder, verifyFolder } from '../../test/support/signed_dataset.ts';
import { TAMPERINGS } from '../../test/support/tampering.ts';
import { tamperAndVerify } from '../../test/support/tampering_sweep.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-tampering-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let signed: SignedFolder;
beforeAll(async () => {
  signed = await signedFolder(scratch, 1);
});

it('holds while nobody touches it', async () => {
  expect(await verifyFolder(signed.folder, signed)).toMatchObject({
    ok: true,
    signed: true,
    revision: 3,
    findings: [],
  });
});

it('finds and names every tampering, and accuses no file that was not touched', async () => {
  const missed = await tamperAndVerify(signed, scratch, 4 * TAMPERINGS.length, 7);
  expect(missed).toEqual([]);
});
