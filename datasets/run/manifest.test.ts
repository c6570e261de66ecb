import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../../test/support/recording.ts';
import { sampleRun } from '../../test/support/sample_run.ts';
import { ManifestWriter, readManifest } from '../index.ts';

describe('the manifest of a run', () => {
  it('names every finished episode with size and SHA-256, in order, and how the run ended', async () => {
    const run = await sampleRun(3);
    await withFolder(async (folder) => {
      const manifest = new ManifestWriter(join(folder, 'manifest.json'), run);
      expect(readManifest(folder)).toMatchObject({ run_id: run.run_id, episodes: [], finished: false, digest: null });
      mkdirSync(join(folder, 'episodes'));
      for (const index of [2, 0, 1]) {
        writeFileSync(join(folder, 'episodes', run.episodes[index].recording), 'abc');
        manifest.add({ ...run.episodes[index], ...(index === 1 ? { digest: 'd1'.repeat(32) } : {}) }, folder);
      }
      const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      const listed = readManifest(folder);
      expect(listed.episodes.map(({ index, bytes, sha256 }) => [index, bytes, sha256])).toEqual([
        [0, 3, abc],
        [1, 3, abc],
        [2, 3, abc],
      ]);
      expect(listed.episodes.map(({ digest }) => digest)).toEqual([undefined, 'd1'.repeat(32), undefined]);
      expect(listed.episodes[2].outcome).toMatchObject({ success: false, stage: 'lift', attempts: 2 });
      manifest.finish(run);
      expect(readManifest(folder)).toMatchObject({ finished: true, digest: run.digest, model: run.model });
      expect(readManifest(folder)).toEqual(manifest.value);
      expect(readdirSync(folder).sort()).toEqual(['episodes', 'manifest.json']);
    });
  });

  it('writes what is not a number as null', async () => {
    const run = await sampleRun(1);
    await withFolder(async (folder) => {
      mkdirSync(join(folder, 'episodes'));
      writeFileSync(join(folder, 'episodes', run.episodes[0].recording), '');
      new ManifestWriter(join(folder, 'manifest.json'), run).add(
        { ...run.episodes[0], placement_error_m: Number.POSITIVE_INFINITY },
        folder,
      );
      expect(readManifest(folder).episodes[0].outcome.placement_error_m).toBeNull();
    });
  });

  it('is refused with the field when it is damaged, and with the file when it cannot be read or written', async () => {
    const run = await sampleRun(0);
    await withFolder(async (folder) => {
      const file = join(folder, 'manifest.json');
      expect(() => readManifest(folder)).toThrow(/manifest\.json: cannot be read/);
      new ManifestWriter(file, run).finish({ ...run, digest: 'ab'.repeat(32) });
      const content = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...content, model: { name: 'vision', sha256: 'xyz' } }));
      expect(() => readManifest(folder)).toThrow(/model\.sha256: must be a SHA-256/);
      writeFileSync(file, '{');
      expect(() => readManifest(folder)).toThrow(/manifest\.json: cannot be read/);
      expect(() => new ManifestWriter(join(folder, 'none', 'manifest.json'), run)).toThrow(/cannot be written/);
      expect(existsSync(`${file}.tmp`)).toBe(false);
    });
  });
});
