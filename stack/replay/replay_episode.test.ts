import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskRules, readMaskRules, readPictures, summarizeRecording } from '../../datasets/index.ts';
import { writePeopleModel } from '../../test/support/people_model.ts';
import { ReplayBench, SPEEDY } from '../../test/support/replays.ts';
import { rewriteRecording } from '../../test/support/rewritten_recording.ts';
import { ENGINES, TASKS } from '../options.ts';

const bench = new ReplayBench();
const { folder } = bench;
const record: ReplayBench['record'] = (...args) => bench.record(...args);
const replay: ReplayBench['replay'] = (...args) => bench.replay(...args);
afterAll(() => bench.close());

describe('a recorded episode', () => {
  // Every task with every engine is in the long form.
  it.each(TASKS.map((task, k) => [task, ENGINES[k % ENGINES.length]] as const))(
    'of %s in %s replays to the byte',
    async (task, engine) => {
      const { file, digest } = await record(`${task}-${engine}`, { ...SPEEDY, task, engine }, 0.2);
      const result = await replay(file);
      expect(result).toMatchObject({ result: 'same', reasons: [], task, engine, record: null });
      expect(result.digest).toEqual({ recorded: digest, replayed: digest });
      expect(result.compared).toMatchObject({ first: null, differing: {} });
      expect(result.compared?.equal).toBeGreaterThan(40);
    },
  );
});

describe('an episode whose pictures were masked', () => {
  const rules = (changes: object) => maskRules.parse({ schema: 'surepick/masks', version: 1, ...changes });
  const masked = rules({
    cameras: {
      overview: { regions: [{ unit: 'share', box: [0, 0, 0.5, 0.5] }], depth: { farther_than_m: 1.2 } },
      '*': {
        regions: [
          {
            polygon: [
              [10, 10],
              [60, 20],
              [30, 70],
            ],
          },
        ],
      },
    },
  });

  it('replays to the byte with pictures of a policy that sees, masked by the rules of its record: regions, ranges of depth', async () => {
    const { file } = await record('masked', {}, 0.2, masked);
    const plain = await record('unmasked', {}, 0.2);
    const pictures = async (of: string) => {
      const all: Buffer[] = [];
      const topics = (await summarizeRecording(of)).channels.map(({ topic }) => topic);
      for await (const { data } of readPictures(
        of,
        topics.filter((topic) => /compressed/.test(topic)),
      ))
        all.push(Buffer.from(data));
      return all;
    };
    const [black, seen] = [await pictures(file), await pictures(plain.file)];
    expect(black.length).toBeGreaterThan(1);
    expect(black.some((picture, k) => !picture.equals(seen[k] ?? Buffer.alloc(0)))).toBe(true);
    expect(await replay(plain.file)).toMatchObject({ result: 'same', reasons: [] });
    const result = await replay(file);
    expect(result).toMatchObject({ result: 'same', reasons: [], record: null, compared: { first: null } });
    expect(result.compared?.messages).toBe((await summarizeRecording(file)).messages);
  });

  it('differs in its pictures where the record of its masks was changed, and in nothing else', async () => {
    const other = join(folder, 'other-masks.mcap');
    await rewriteRecording(join(folder, 'masked.mcap'), other, {
      metadata: (name, entries) =>
        name === 'masks'
          ? { ...entries, rules: JSON.stringify({ ...masked, cameras: { '*': masked.cameras['*'] } }) }
          : entries,
    });
    const { result, compared, reasons } = await replay(other);
    expect(result).toBe('differs');
    expect(reasons).toEqual([
      expect.stringMatching(/^recorded with the masks .*farther than.*, replayed with .*polygon/),
    ]);
    expect(Object.keys(compared?.differing ?? {}).length).toBeGreaterThan(0);
    expect(Object.keys(compared?.differing ?? {}).filter((topic) => !/compressed/.test(topic))).toEqual([]);
  });

  it('needs the detector of people that masked it; without it all but the pictures is compared', async () => {
    const people = readMaskRules(writePeopleModel(folder));
    const { file } = await record('people', {}, 0.2, people);
    const whole = await replay(file);
    expect(whole).toMatchObject({ result: 'same', reasons: [] });
    rmSync(join(folder, 'people.onnx'));
    const without = await replay(file);
    expect(without).toMatchObject({ result: 'cannot', record: null, compared: { first: null, differing: {} } });
    expect(without.reasons).toEqual([expect.stringMatching(/^its pictures cannot be masked again.*people\.onnx/)]);
    expect(without.compared?.messages).toBeGreaterThan(20);
    expect(without.compared?.messages).toBeLessThan(whole.compared?.messages ?? 0);
  });

  it('cannot be replayed where its record of masks is none', async () => {
    const other = join(folder, 'no-masks.mcap');
    await rewriteRecording(join(folder, 'masked.mcap'), other, {
      metadata: (name, entries) => (name === 'masks' ? { ...entries, rules: '{"schema":"surepick/masks"}' } : entries),
    });
    const { result, reasons } = await replay(other);
    expect({ result, reasons }).toEqual({
      result: 'cannot',
      reasons: [expect.stringMatching(/what it says it masks/)],
    });
  });
});

describe('a recording that is not what was played', () => {
  let file = '';
  beforeAll(async () => {
    ({ file } = await record('original', SPEEDY, 0.2));
  });

  it('is told by topic, message, time and field', async () => {
    const other = join(folder, 'other.mcap');
    await rewriteRecording(file, other, {
      message: (message, k) => {
        if (message.topic !== '/joint_states' || k !== 10) return message;
        const data = message.data.slice();
        new DataView(data.buffer).setFloat64(data.length - 8, 0.125, true);
        return { ...message, data };
      },
    });
    const { result, compared, reasons, digest } = await replay(other);
    expect(result).toBe('differs');
    expect(compared?.first).toMatchObject({ topic: '/joint_states', message: 10, what: 'content', recorded: '0.125' });
    expect(compared?.first?.field).toMatch(/^effort\[\d+\]$/);
    expect(compared?.differing).toEqual({ '/joint_states': 1 });
    expect(digest.replayed).toBe(digest.recorded);
    expect(reasons.join()).toMatch(/was changed/);
  });

  it('is told with what recorded it, where that was another version', async () => {
    const other = join(folder, 'versions.mcap');
    await rewriteRecording(file, other, {
      metadata: (name, entries) =>
        name === 'surepick'
          ? { ...entries, node: '1.2.3', model_sha256: 'ab' }
          : { ...entries, digest: '0'.repeat(64) },
    });
    const { result, record: where, reasons } = await replay(other);
    expect(result).toBe('differs');
    expect(where).toMatchObject({ field: 'outcome.digest', recorded: `"${'0'.repeat(64)}"` });
    expect(reasons).toEqual([
      `recorded with node 1.2.3, replayed with ${process.versions.node}`,
      'recorded with the model of SHA-256 ab, replayed with none',
    ]);
  });

  it('is told apart by its world', async () => {
    const other = join(folder, 'world.mcap');
    await rewriteRecording(file, other, {
      metadata: (name, entries) => {
        if (name !== 'surepick') return entries;
        const world = JSON.parse(entries.world);
        world.scene.objects[0].mass_kg *= 2;
        return { ...entries, world: JSON.stringify(world) };
      },
    });
    const { result, digest } = await replay(other);
    expect(result).toBe('differs');
    expect(digest.replayed).not.toBe(digest.recorded);
  });

  it('is damaged where it is cut, flipped or not the file of its manifest; what can be read is compared', async () => {
    const cut = join(folder, 'cut.mcap');
    copyFileSync(file, cut);
    const bytes = readFileSync(file);
    truncateSync(cut, Math.floor(0.6 * bytes.length));
    const ended = await replay(cut);
    expect(ended.result).toBe('damaged');
    expect(ended.reasons[0]).toMatch(/unfinished|damaged/);
    expect(ended.compared?.first).toBeNull();
    const flipped = join(folder, 'flipped.mcap');
    bytes[bytes.length >> 1] ^= 4;
    writeFileSync(flipped, bytes);
    expect((await replay(flipped)).result).toBe('damaged');
    const swapped = await replay(file, 'f'.repeat(64));
    expect(swapped).toMatchObject({ result: 'damaged' });
    expect(swapped.reasons.join()).toMatch(/SHA-256 is another.*is the same/s);
  });

  it('cannot be replayed if no simulation made it, or nothing is there', async () => {
    const real = join(folder, 'real.mcap');
    await rewriteRecording(file, real, { metadata: (_name, { world: _world, ...entries }) => entries });
    const { result, reasons } = await replay(real);
    expect({ result, reasons }).toMatchObject({
      result: 'cannot',
      reasons: [expect.stringMatching(/no simulated episode/)],
    });
    expect(await replay(join(folder, 'nothing.mcap'))).toMatchObject({ result: 'cannot' });
    writeFileSync(join(folder, 'text.mcap'), 'no recording');
    expect(await replay(join(folder, 'text.mcap'))).toMatchObject({ result: 'cannot' });
  });
});

describe('recorded commands in the open loop', () => {
  it('drift hardly in the same engine, and within a few millimetres in the other', async () => {
    const { file } = await record('driven', { policy: 'expert', observation: 'state' }, 0.6);
    const [same, other] = [await bench.openLoop(file, 'same'), await bench.openLoop(file, 'other')];
    expect(same).toMatchObject({ result: 'played', reasons: [], engine: 'cannon', interventions: 0 });
    expect(same.joints_rad?.max).toBeLessThan(5e-4);
    expect(same.tool?.mm.max).toBeLessThan(0.5);
    expect(other).toMatchObject({ result: 'played', reasons: [], recorded_engine: 'cannon', engine: 'mujoco' });
    expect(other.joints_rad?.max).toBeLessThan(0.02);
    expect(other.tool?.mm.p95).toBeLessThan(5);
    // The other engine is another: its arm does not do the very same.
    expect(other.joints_rad?.median).toBeGreaterThan(same.joints_rad?.median ?? 1);
    expect(other.objects.length).toBeGreaterThan(0);
  });
});
