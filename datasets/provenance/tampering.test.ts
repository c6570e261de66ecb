import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SignedFolder, signedFolder, verifyFolder } from '../../test/support/signed_dataset.ts';
import { TAMPERINGS } from '../../test/support/tampering.ts';
import { tamperAndVerify, tamperUnseen } from '../../test/support/tampering_sweep.ts';

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

it('needs no memory of the machine where revision and root are told', async () => {
  const { root } = await verifyFolder(signed.folder, signed);
  const told = { expect_revision: 3, expect_root: root };
  const missed = await tamperUnseen(signed, scratch, told, TAMPERINGS.length, 13);
  // That a second person had signed, too, only memory can tell: nothing covers the last signature.
  const last = readdirSync(join(signed.folder, 'signatures')).sort().slice(-2);
  expect(missed.filter((one) => !last.some((name) => one.includes(`signatures/${name} removed`)))).toEqual([]);
});
