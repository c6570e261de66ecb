import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprintOf } from '../../safety/index.ts';
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
  const last = `signatures/r000003-${signed.keys.show('grace').fingerprint.slice(0, 16)}.json removed`;
  expect(missed.filter((one) => !one.includes(last))).toEqual([]);
  const [ours] = signed.trusted
    .filter(({ owner }) => owner === 'ada')
    .map(({ public_key }) => fingerprintOf(public_key));
  const copy = join(scratch, 'unsigned by the first');
  cpSync(signed.folder, copy, { recursive: true });
  const first = `signatures/r000003-${ours.slice(0, 16)}.json`;
  rmSync(join(copy, first));
  const { findings } = await verifyFolder(copy, { trusted: signed.trusted }, told);
  expect(findings).toMatchObject([{ kind: 'removed', place: first }]);
});
