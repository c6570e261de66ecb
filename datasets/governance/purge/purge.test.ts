import {
  appendFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAMERAS } from '../../../contracts/index.ts';
import { governedEpisode } from '../../../test/support/governed.ts';
import { recordNoise, stretchesOf, writeRun } from '../../../test/support/purge_folder.ts';
import { withFolder } from '../../../test/support/recording.ts';
import { openDataset, readIndex, writeIndex } from '../../dataset/index.ts';
import { readPictures } from '../../recording/index.ts';
import { readManifest } from '../../run/index.ts';
import { checkOutlet } from '../check_outlet.ts';
import { outletLogFile } from '../outlet_rules.ts';
import { carryOut, JOURNAL_NAME, MARK_NAME, planPurge } from './index.ts';

const search = { models: [], now: '2026-06-01T00:00:00Z' };
const order = { who: 'Ada', why: 'asked to be forgotten', now: search.now };

/** Base64 of every picture, as pages embed them. */
async function base64Of(recording: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { data } of readPictures(recording, [`${CAMERAS.overview.colour.name}/compressed`]))
    all.push(Buffer.from(data).toString('base64'));
  return all;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('purge', () => {
  it('leaves no byte of an episode in the folder, and nothing else changed', () =>
    withFolder(async (folder) => {
      const { files } = await writeRun(folder);
      const [gone, kept] = [readFileSync(files[1]), [readFileSync(files[0]), readFileSync(files[2])]];
      const log = readFileSync(files[1].replace('.mcap', '.audit.jsonl'), 'utf8');
      const pictures = await base64Of(files[1]);
      expect(pictures.length).toBeGreaterThan(10);
      expect(readFileSync(join(folder, 'report.html'), 'latin1')).toContain(pictures[0]);
      mkdirSync(join(folder, 'more'));
      writeFileSync(join(folder, 'more', 'a copy of it'), gone);
      writeFileSync(join(folder, 'more', 'in something.bin'), Buffer.concat([Buffer.alloc(5e6, 1), gone, kept[0]]));
      writeFileSync(join(folder, 'more', 'frame.html'), `<img src="data:image/jpeg;base64,${pictures[7]}">`);
      writeFileSync(join(folder, 'more', 'frame.jpg'), Buffer.from(pictures[3], 'base64'));
      writeFileSync(join(folder, 'more', 'notes.md'), 'episode-0001 was odd');
      writeFileSync(join(folder, 'more', 'other.html'), '<p>nothing of it');
      const dataset = await openDataset(folder);
      const [first, second, third] = dataset.index.episodes;
      const plan = await planPurge(dataset, [second.id], search);
      expect(filesBelow(folder)).toHaveLength(6 + 1 + 1 + 6);
      const { index } = await carryOut(dataset, plan, order);
      const unique = stretchesOf(gone, 499, 48).filter(
        (part) => new Set(part).size > 20 && !kept.some((other) => other.includes(part)),
      );
      expect(unique.length).toBeGreaterThan(50);
      for (const file of filesBelow(folder)) {
        const content = readFileSync(file);
        for (const part of unique) expect(content.includes(part), `${file} ${part.toString('hex')}`).toBe(false);
        for (const picture of pictures) expect(content.includes(picture.slice(60, 160)), file).toBe(false);
        expect(content.includes(log.slice(10, 60)), file).toBe(false);
      }
      expect([files[0], files[2]].map((file) => readFileSync(file))).toEqual(kept);
      expect(plan.names_it).toEqual(['more/notes.md']);
      expect(existsSync(join(folder, 'more', 'other.html'))).toBe(true);
      expect(existsSync(join(folder, JOURNAL_NAME))).toBe(false);
      expect(index.episodes.map(({ id }) => id)).toEqual([first.id, third.id]);
      expect(readIndex(folder)).toEqual(index);
      expect(index.tombstones).toEqual([
        { id: second.id, sha256: second.sha256, removed_at: order.now, who: 'Ada', why: order.why, used_by: [] },
      ]);
      expect(readManifest(folder).episodes.map((episode) => episode.index)).toEqual([0, 2]);
    }));

  it('marks what was made with it: exports, and models by the hash of their training data', () =>
    withFolder(async (folder) => {
      const [data, shipped, models] = ['data', 'export', 'models'].map((name) => join(folder, name));
      await writeRun(data, 2);
      for (const each of [shipped, join(models, 'cups', '1.0.0'), join(models, 'other')])
        mkdirSync(each, { recursive: true });
      const { index } = await openDataset(data);
      const [first, second] = index.episodes;
      const made = { made_at: order.now, revision: 0, tainted_by: [], format: 'lerobot' };
      const products = [
        { kind: 'export' as const, told: shipped, episodes: [first.id, second.id], ...made },
        { kind: 'export' as const, told: join(folder, 'gone'), episodes: [second.id], ...made },
      ];
      writeIndex(data, { ...index, products });
      const manifest = (data_sha256: string) =>
        JSON.stringify({ name: 'cups', version: '1.0.0', training: { data_sha256 } });
      writeFileSync(join(models, 'cups', '1.0.0', 'manifest.json'), manifest(first.sha256));
      writeFileSync(join(models, 'other', 'manifest.json'), manifest('0'.repeat(64)));
      const dataset = await openDataset(data);
      const plan = await planPurge(dataset, [first.id], { ...search, models: [models] });
      expect(plan.products.map(({ told }) => told)).toEqual([shipped]);
      expect(plan.models.map(({ told }) => told)).toEqual([expect.stringContaining('cups@1.0.0')]);
      const { index: next, marked } = await carryOut(dataset, plan, order);
      expect(next.products.map(({ kind, tainted_by }) => [kind, tainted_by])).toEqual([
        ['export', [first.id]],
        ['export', []],
        ['model', [first.id]],
      ]);
      expect(next.tombstones[0].used_by).toEqual([`export ${shipped}`, expect.stringContaining('model cups@1.0.0')]);
      expect(marked).toEqual([shipped]);
      expect(JSON.parse(readFileSync(join(shipped, MARK_NAME), 'utf8'))).toMatchObject({ episodes: [first.id] });
    }));

  it('names and marks what the log of outlets says was made of a run, and nothing that was only asked about', () =>
    withFolder(async (folder) => {
      const [data, other] = ['data', 'other'].map((name) => join(folder, name));
      const ids = await writeRun(data, 2).then(async () =>
        (await openDataset(data)).index.episodes.map(({ id }) => id),
      );
      cpSync(data, other, { recursive: true });
      const context = { env: {}, home: folder, cwd: folder, tmp: folder, purpose: '', now_ms: Date.parse(order.now) };
      const leave = async (name: string, of: readonly string[], own = data, only_asked = false) => {
        const to = join(folder, name);
        if (!name.includes('.')) mkdirSync(to);
        const leaving = of.map((id) => governedEpisode(id));
        await checkOutlet(to, leaving, { ...context, own, only_asked });
        return to;
      };
      const both = await leave('both', ids);
      mkdirSync(join(both, 'meta'));
      writeFileSync(join(both, 'meta', 'info.json'), '{}');
      const page = await leave('card.html', ids);
      await leave('second', ids.slice(1));
      await leave('asked', ids, data, true);
      await leave('of_the_other', ids, other);
      await expect(checkOutlet('/beyond', [governedEpisode(ids[0])], { ...context, own: data })).rejects.toThrow(
        /outside/,
      );
      const old = await leave('of_the_old_place', ids, join(folder, 'gone'));
      const log = outletLogFile({}, folder);
      const dataset = await openDataset(data);
      const plan = await planPurge(dataset, [ids[0]], { ...search, outlet_log: log });
      expect(plan.exports.map(({ told, format }) => [told, format])).toEqual([
        ...[
          [both, 'lerobot'],
          [page, 'html'],
          [old, 'not told'],
        ],
      ]);
      const { index, marked } = await carryOut(dataset, plan, order);
      expect(index.products.map(({ told, tainted_by }) => [told, tainted_by])).toEqual([
        ...[both, page, old].map((told) => [told, [ids[0]]]),
      ]);
      expect(index.tombstones[0].used_by).toEqual([both, page, old].map((told) => `export ${told}`));
      expect(marked).toEqual([both, old]);
      expect(JSON.parse(readFileSync(join(both, MARK_NAME), 'utf8'))).toMatchObject({ episodes: [ids[0]] });
      for (const name of ['second', 'asked', 'of_the_other'])
        expect(existsSync(join(folder, name, MARK_NAME)), name).toBe(false);
      appendFileSync(log, 'not a line of it\n');
      const again = await planPurge(await openDataset(data), [ids[1]], { ...search, outlet_log: log });
      expect(again.products.map(({ told }) => told)).toEqual([both, page, old]);
      expect(again.exports.map(({ told }) => told)).toEqual([join(folder, 'second')]);
      expect(again.out_of_reach.join('\n')).toMatch(/outlets\.jsonl is damaged at line \d+: exports/);
    }));

  it('names hard links, links, archives and histories that it cannot reach', () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      const { files } = await writeRun(data, 2);
      linkSync(files[0], join(folder, 'elsewhere.mcap'));
      linkSync(files[0], join(data, 'beside.bin'));
      symlinkSync(folder, join(data, 'out'));
      writeFileSync(join(data, 'old.zip'), 'PK');
      mkdirSync(join(data, '.git'));
      const dataset = await openDataset(data);
      const { removes, out_of_reach } = await planPurge(dataset, [dataset.index.episodes[0].id], search);
      expect(removes.map(({ path }) => path)).toContain('beside.bin');
      const told = out_of_reach.join('\n');
      expect(told).toMatch(/episodes\/episode-0000.mcap has 3 names .* find ".*" -xdev -inum \d+ finds/);
      for (const name of [
        'out is a link',
        'old.zip: is an archive',
        '.git: its history',
        'backups',
        'SSD',
        'snapshots',
      ])
        expect(told).toContain(name);
      const alone = await planPurge(dataset, [dataset.index.episodes[1].id], search);
      expect(alone.out_of_reach.join('\n')).not.toContain('hard links');
    }));

  it('never deletes through a link that leads out of the folder', () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      await writeRun(data, 1);
      const { index } = await openDataset(data);
      await recordNoise(join(folder, 'private.mcap'), 9);
      symlinkSync(join(folder, 'private.mcap'), join(data, 'episodes', 'linked.mcap'));
      writeIndex(data, { ...index, episodes: [{ ...index.episodes[0], file: 'episodes/linked.mcap' }] });
      const dataset = await openDataset(data);
      await expect(planPurge(dataset, [index.episodes[0].id], search)).rejects.toThrow(/leads to .*private.mcap/);
    }));

  it('purges a recording that is damaged or gone', () =>
    withFolder(async (folder) => {
      const { files } = await writeRun(folder, 2);
      writeIndex(folder, (await openDataset(folder)).index);
      writeFileSync(files[0], readFileSync(files[0]).subarray(0, 20_000));
      const dataset = await openDataset(folder);
      const ids = dataset.index.episodes.map(({ id }) => id);
      const { index } = await carryOut(dataset, await planPurge(dataset, ids, search), order);
      expect(index.episodes).toEqual([]);
      expect(index.tombstones.map(({ id }) => id)).toEqual(ids);
      expect(readdirSync(join(folder, 'episodes'))).toEqual([]);
    }));
});
