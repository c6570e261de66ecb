import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { MODELS_FOLDER, ModelRepository, OwnModels } from '../../perception/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { changeFacts } from './publish.ts';

const CALIBRATION = {
  fitted_on: { set: 'a split of its own', seed: 3, objects: 100 },
  ...{ temperature: 1.2, conformal: { level: 0.95, quantile: 0.5 }, costs: {}, thresholds: { accept: 0.9 } },
};
const { name, version } = shippedPin();
const EYE = { name, version };
const REFERENCE = `${name}@${version}`;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'publish '));
  cpSync(MODELS_FOLDER, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what is told of a model', () => {
  it('changes while the network and its golden inputs stay, and is pinned again', async () => {
    const repository = new ModelRepository(folder);
    const before = await repository.load(REFERENCE);
    await changeFacts(repository, EYE, () => ({ calibration: CALIBRATION }));
    const after = await repository.load(REFERENCE);
    expect(after.manifest).toEqual({ ...before.manifest, calibration: CALIBRATION });
    expect([after.sha256, after.golden]).toEqual([before.sha256, before.golden]);
    expect(after.manifest_sha256).not.toBe(before.manifest_sha256);
    expect((await repository.verify()).every(({ verified }) => verified)).toBe(true);
  });

  it("takes the signature of a user's own model away: it was of another manifest", async () => {
    const signature = join(folder, name, version, 'signature.json');
    writeFileSync(signature, '{}');
    const own = new OwnModels(folder);
    await changeFacts(own, EYE, ({ limits }) => ({ limits: [...limits, 'not in the dark'] }));
    expect(existsSync(signature)).toBe(false);
    expect((await own.load(name, version)).manifest.limits).toContain('not in the dark');
  });

  it('is left alone where the change contradicts the model, or there is none', async () => {
    const repository = new ModelRepository(folder);
    await expect(changeFacts(repository, EYE, () => ({ licence: 'none at all' }))).rejects.toThrow(/SPDX/);
    await expect(changeFacts(repository, { ...EYE, version: '7.0.0' }, () => ({}))).rejects.toThrow(InputError);
    await repository.load(REFERENCE);
  });
});
