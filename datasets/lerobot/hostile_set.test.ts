import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DRAWN_JOINTS, drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { withFolder } from '../../test/support/recording.ts';
import { setContents } from '../../test/support/set_contents.ts';
import { spoil, tryImport } from '../../test/support/spoilt_set.ts';
import { openDataset } from '../index.ts';
import { exportLerobot } from './export_lerobot.ts';
import { ParquetFile, pictureColumn, valueColumn } from './parquet_file.ts';

/** A thousand others are in the long form. */
const SEEDS = 8;
const json = z.record(z.string(), z.unknown());

/** A PNG whose header says what it likes. */
function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([8, 2, 0, 0, 0], 24);
  return bytes;
}

describe('sets that somebody spoilt', () => {
  let [folder, release] = ['', () => {}];
  let held: Promise<void>;
  beforeAll(async () => {
    await new Promise<void>((ready) => {
      held = withFolder((made) => {
        folder = made;
        return new Promise<void>((resolve) => {
          release = resolve;
          ready();
        });
      });
    });
    const drawn = { joints: DRAWN_JOINTS, cameras: ['front'] };
    await drawnDataset(join(folder, 'a'), [
      { ...drawn, seconds: 0.6 },
      { ...drawn, seconds: 0.5 },
    ]);
    const dataset = await openDataset(join(folder, 'a'));
    const { episodes } = dataset.index;
    const asked = { fps: 10, cameras: null, depth: false, float64: false, video: null, workers: 1, resume: false };
    await exportLerobot({ dataset, episodes, out: join(folder, 'set'), ...asked });
  });
  afterAll(async () => {
    release();
    await held;
  });

  /** A copy of the set whose info.json is changed. */
  function withInfo(name: string, change: (info: Record<string, unknown>) => void): string {
    const copy = join(folder, name);
    cpSync(join(folder, 'set'), copy, { recursive: true });
    const file = join(copy, 'meta', 'info.json');
    const info = json.parse(JSON.parse(readFileSync(file, 'utf8')));
    change(info);
    writeFileSync(file, JSON.stringify(info));
    return copy;
  }

  it(`are read as far as they can be, or refused in one line: ${SEEDS} drawn ones`, async () => {
    let refused = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      await withFolder(async (own) => {
        const what = spoil(join(folder, 'set'), join(own, 'set'), seed);
        const read = await tryImport(join(own, 'set'), join(own, 'out')).catch((error: unknown) => {
          throw new Error(`seed ${seed}: ${what}`, { cause: error });
        });
        if ('refused' in read) {
          refused++;
          expect(read.refused, what).not.toMatch(/\n|undefined|\[object/);
        } else {
          expect(read.made.episodes.length + read.made.skipped.length, what).toBeGreaterThanOrEqual(2);
        }
        expect(readdirSync(own).sort(), what).toEqual(existsSync(join(own, 'out')) ? ['out', 'set'] : ['set']);
      });
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(SEEDS);
  }, 120_000);

  it.each<[string, string]>([
    ['parents', '../../outside/file.parquet'],
    ['an absolute path', '/etc/passwd'],
    ['parents after a folder', 'data/../../../outside.parquet'],
    ['the folder itself', '.'],
  ])('whose data_path has %s are refused', async (what, data_path) => {
    const copy = withInfo(`path ${what}`, (info) => {
      info.data_path = data_path;
    });
    const read = await tryImport(copy, join(folder, `out ${what}`));
    expect(read).toEqual({ refused: expect.stringContaining('must lie inside the set') });
    expect(existsSync(join(folder, `out ${what}`))).toBe(false);
  });

  it('whose files are links to elsewhere are refused', async () => {
    const copy = withInfo('linked', (info) => {
      info.data_path = 'data/linked/file.parquet';
    });
    mkdirSync(join(folder, 'elsewhere'));
    cpSync(join(folder, 'set', 'data', 'chunk-000', 'file-000.parquet'), join(folder, 'elsewhere', 'file.parquet'));
    symlinkSync(join(folder, 'elsewhere'), join(copy, 'data', 'linked'));
    const read = await tryImport(copy, join(folder, 'out linked'));
    expect(read).toEqual({ refused: expect.stringContaining('must lie inside the set') });
  });

  it.each<[string, (info: Record<string, unknown>) => void, RegExp]>([
    ['another version', (info) => Object.assign(info, { codebase_version: 'v2.1' }), /v3\.0 can be read/],
    ['no features', (info) => Object.assign(info, { features: 'many' }), /info\.json: features/],
    ['no rate', (info) => Object.assign(info, { fps: 0 }), /info\.json: fps/],
    ['1e15 episodes', (info) => Object.assign(info, { total_episodes: 1e15 }), /total_episodes/],
    [
      'a shape of 1e12',
      (info) => Object.assign(info, { features: { action: { dtype: 'float32', shape: [1e12] } } }),
      /shape/,
    ],
  ])('that tell of %s are refused', async (what, change, said) => {
    const read = await tryImport(withInfo(`info ${what}`, change), join(folder, `out ${what}`));
    expect(read).toEqual({ refused: expect.stringMatching(said) });
  });

  it('name the column that is not as told, and the episodes that it takes', async () => {
    const copy = withInfo('other shape', (info) => {
      const features = json.parse(info.features);
      info.features = { ...features, action: { ...json.parse(features.action), shape: [5], names: null } };
    });
    const read = await tryImport(copy, join(folder, 'out other shape'));
    expect(read).toEqual({ refused: expect.stringContaining('action has 4 values, not 5') });
  });

  it('whose pictures are bombs, paths or noise lose those, not their numbers', async () => {
    const copy = join(folder, 'bombs');
    cpSync(join(folder, 'set'), copy, { recursive: true });
    const features = {
      'observation.state': { dtype: 'float64', shape: [2], names: null },
      'observation.images.top': { dtype: 'image', shape: [8, 8, 3], names: null },
    };
    writeFileSync(
      join(copy, 'meta', 'info.json'),
      JSON.stringify({
        ...{ codebase_version: 'v3.0', fps: 10, total_episodes: 1, total_frames: 4 },
        data_path: 'data/x.parquet',
        features,
      }),
    );
    const columns = [
      valueColumn('observation.state', 'float64', 1),
      pictureColumn('observation.images.top'),
      ...['timestamp', 'frame_index', 'episode_index', 'task_index'].map((name) =>
        valueColumn(name, name === 'timestamp' ? 'float32' : 'int64'),
      ),
    ];
    const pictures = [
      { bytes: png(100_000, 100_000), path: 'a.png' },
      { bytes: null, path: '../../../etc/passwd' },
      { bytes: Buffer.from('GIF89a, and then nothing of use'), path: 'c.gif' },
      { bytes: png(8, 8), path: 'd.png' },
    ];
    const file = new ParquetFile(join(copy, 'data', 'x.parquet'), columns);
    const zero = [0n, 0n, 0n, 0n];
    file.writeGroup([
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ],
      pictures,
      [0, 0.1, 0.2, 0.3],
      [0n, 1n, 2n, 3n],
      zero,
      zero,
    ]);
    file.finish();
    const read = await tryImport(copy, join(folder, 'out bombs'));
    if ('refused' in read) throw new Error(read.refused);
    const [episode] = read.made.episodes;
    const counts = Object.fromEntries(episode.signals.map(({ role, messages }) => [role, messages]));
    expect(counts).toMatchObject({ joint_state: 4, colour: 1 });
    expect(read.made.remarks.join('\n')).toMatch(
      /no picture, or one too large \(2\)[\s\S]*without a picture in the table \(1\)/,
    );
    // What is left is a header without a picture: the way back names it, and does not end in a crash.
    const dataset = await openDataset(join(folder, 'out bombs'));
    const asked = { fps: 10, cameras: null, depth: false, float64: false, video: null, workers: 1, resume: false };
    const back = exportLerobot({ dataset, episodes: dataset.index.episodes, out: join(folder, 'back'), ...asked });
    await expect(back).rejects.toThrow(/1 rows; 2 are the fewest/);
    expect([...setContents(join(folder, 'out bombs')).keys()].sort()).toEqual([
      'dataset.json',
      'episodes/episode_000000.mcap',
    ]);
  });
});
