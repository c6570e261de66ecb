import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { writeRecordedRun } from '../../test/support/recorded_run.ts';
import type { History, PictureCamera, RunList } from '../protocol/index.ts';
import { ReplayDesk } from './replay_desk.ts';

const parent = mkdtempSync(join(tmpdir(), 'surepick-replays-'));
const root = join(parent, 'runs');
const EPISODE = 'episode-0000.mcap';
const ALL = { from_ms: 0, to_ms: 1e15, most: 1e6 };
const desk = new ReplayDesk(root);
let file = '';

beforeAll(async () => {
  file = await writeRecordedRun(root, '20260101-100000-seed1', 5);
});
afterAll(() => rmSync(parent, { recursive: true }));

async function told(question: Parameters<ReplayDesk['answer']>[0]): Promise<unknown> {
  const answer = await desk.answer(question);
  if (answer.kind !== 'text') throw new Error('a picture');
  return JSON.parse(Buffer.concat(answer.pieces).toString());
}
const list = async () => (await told({ kind: 'list' })) as RunList;
const history = async (run: string, episode = EPISODE, query = ALL) =>
  (await told({ kind: 'history', run, episode, query })) as History;
const picture = (camera: PictureCamera, at_ms: number) =>
  desk.answer({ kind: 'picture', run: '20260101-100000-seed1', episode: EPISODE, camera, at_ms });

describe('recorded runs', () => {
  it('are listed with what their manifest says of each episode', async () => {
    mkdirSync(join(root, 'notes'));
    writeFileSync(join(parent, 'outside.mcap'), 'secret');
    const { runs, refused } = await list();
    expect(refused).toEqual([]);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ name: '20260101-100000-seed1', finished: true });
    expect(runs[0].episodes).toMatchObject([{ name: EPISODE, success: true, object: 'red box' }]);
    expect(runs[0].episodes[0].bytes).toBe(readFileSync(file).length);
  });

  it('open as the past is shown: joints, tool, words, what was seen and pictures', async () => {
    const shown = await history('20260101-100000-seed1');
    expect(shown).toMatchObject({ source: 'recording', name: `20260101-100000-seed1/${EPISODE}`, incomplete: '' });
    expect(shown.joint_names).toHaveLength(8);
    expect(shown.kept).toEqual({ from_ms: 10, to_ms: 5000 });
    expect(shown.frames.length).toBeGreaterThan(120);
    for (const { at_ms, q, effort, gripper_width_m, tool } of shown.frames) {
      q.forEach((value, i) => {
        expect(value).toBeCloseTo(Math.sin(at_ms / 1000 + i), 4);
      });
      expect([effort.length, gripper_width_m, Math.hypot(...(tool?.pose.orientation ?? []))]).toEqual([
        8,
        expect.closeTo(2 * q[7], 4),
        expect.closeTo(1, 3),
      ]);
    }
    expect(shown.statuses.at(-1)).toMatchObject({ mode: 'automatic', latched: false });
    expect(shown.scenes.map(({ at_ms }) => at_ms)).toEqual([1000, 2000, 3000, 4000, 5000]);
    expect(shown.scenes[0].objects).toMatchObject([{ colour: 'red', class: 'box' }, { class: 'cylinder' }]);
    expect(shown.pictures.overview).toHaveLength(25);
    expect(shown.pictures.wrist).toHaveLength(25);
  });

  it('give frames of a span, as many as asked for', async () => {
    const { frames } = await history('20260101-100000-seed1', EPISODE, { from_ms: 1000, to_ms: 2000, most: 11 });
    expect(frames).toHaveLength(11);
    expect(frames[0].at_ms).toBeGreaterThanOrEqual(1000);
    expect(frames[10].at_ms).toBeLessThanOrEqual(2000);
  });

  it('give the picture of a moment as JPEG of its camera', async () => {
    for (const [camera, width] of [
      ['overview', 320],
      ['wrist', 128],
    ] as const) {
      const answer = await picture(camera, 2050);
      if (answer.kind !== 'picture' || answer.picture === null) throw new Error('no picture');
      expect(answer.picture.at_ms).toBeLessThanOrEqual(2050);
      expect(answer.picture.at_ms).toBeGreaterThan(1800);
      expect(await sharp(answer.picture.jpeg).metadata()).toMatchObject({ format: 'jpeg', width });
    }
  });

  it('that were cut off are shown as far as they go, and say so', async () => {
    const folder = join(root, 'killed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'graph-1.mcap.part'), readFileSync(file));
    truncateSync(join(folder, 'graph-1.mcap.part'), Math.round(readFileSync(file).length * 0.6));
    const shown = await history('killed', 'graph-1.mcap.part');
    expect(shown.incomplete).toMatch(/not finished/);
    expect(shown.frames.length).toBeGreaterThan(50);
    expect(shown.frames.length).toBeLessThan(120);
    expect((await list()).runs.map(({ name }) => name).sort()).toEqual(['20260101-100000-seed1', 'killed']);
  });

  it('that are broken say what is wrong', async () => {
    const folder = join(root, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), '{"schema": 1}');
    writeFileSync(join(folder, 'empty.mcap'), '');
    writeFileSync(join(folder, 'text.mcap'), 'no recording at all');
    const { refused } = await list();
    expect(refused).toMatchObject([{ name: 'broken', reason: expect.stringContaining('schema') }]);
    await expect(history('broken', 'empty.mcap')).rejects.toThrow(/is empty/);
    await expect(history('broken', 'text.mcap')).rejects.toThrow(/is not an MCAP file/);
    // What failed once is read again.
    writeFileSync(join(folder, 'text.mcap'), readFileSync(file));
    expect((await history('broken', 'text.mcap')).frames.length).toBeGreaterThan(100);
  });

  it('never lead out of their folder', async () => {
    symlinkSync(join(parent, 'outside.mcap'), join(root, 'killed', 'link.mcap'));
    symlinkSync(parent, join(root, 'away'));
    for (const [run, episode] of [
      ['..', 'outside.mcap'],
      ['.', EPISODE],
      ['', EPISODE],
      ['20260101-100000-seed1', '../../../outside.mcap'],
      ['20260101-100000-seed1/episodes', EPISODE],
      ['20260101-100000-seed1\0', EPISODE],
      ['killed', 'link.mcap'],
      ['killed', 'manifest.json'],
      ['away', 'outside.mcap'],
      ['none', EPISODE],
      ['constructor', EPISODE],
    ])
      await expect(history(run, episode), `${run} ${episode}`).rejects.toThrow(/run|episode/);
  });

  it('answer or refuse whatever bytes a file has', async () => {
    const whole = readFileSync(file);
    const folder = join(root, 'fuzzed');
    mkdirSync(folder);
    for (let seed = 1; seed <= 12; seed++) {
      const rng = createRng(seed).stream('spoil');
      const spoilt = Buffer.from(whole);
      for (let k = 0; k < 40; k++) spoilt[rng.int(spoilt.length)] = rng.int(256);
      writeFileSync(join(folder, `f${seed}.mcap`), spoilt);
      const outcome = await history('fuzzed', `f${seed}.mcap`).then(
        ({ frames, incomplete }) => (incomplete === '' ? 'whole' : frames.length > 0 ? 'part' : 'nothing'),
        (error: unknown) => (error instanceof Error ? error.constructor.name : 'thrown'),
      );
      expect(['part', 'InputError'], `seed ${seed}`).toContain(outcome);
    }
  });
});
