import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { signedFolder } from '../../test/support/signed_dataset.ts';
import { tamperAndVerify } from '../../test/support/tampering_sweep.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-tampering-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('finds and names each of 1,000 random tamperings', async () => {
  expect(await tamperAndVerify(await signedFolder(scratch, 2), scratch, 1000, 11)).toEqual([]);
}, 900_000);
