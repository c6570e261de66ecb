import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { rewriteRecording } from '../../test/support/rewritten_recording.ts';
import { episodeDigest } from '../digest.ts';
import { EpisodeRunner } from '../episode.ts';
import { DEFAULT_EPISODE_OPTIONS, ENGINES, type EpisodeOptions, TASKS } from '../options.ts';
import { openLoopEpisode } from './open_loop_episode.ts';
import { type EpisodeReplay, type ReplayDuties, replayEpisode } from './replay_episode.ts';
import { Runners } from './runners.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-replays-'));
const runners = new Runners();
const duties: ReplayDuties = {
  runnerFor: (options) => runners.runnerFor(options),
  stopped: () => false,
  now_s: () => 0,
};
afterAll(async () => {
  await runners.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Records an episode, cut off after `seconds`; gives its file and digest. */
async function record(name: string, changes: Partial<EpisodeOptions>, seconds: number, index = 3) {
  const options = { ...DEFAULT_EPISODE_OPTIONS, seed: 8, ...changes };
  const runner = await EpisodeRunner.create(options);
  let asked = 0;
  const { trace, recorded } = await runner.run(index, {
    ...{ pace: Number.POSITIVE_INFINITY, trace_file: null, onStage: () => {} },
    recording: { folder, metadata: { run_id: 'r', node: process.versions.node } },
    stopped: () => asked++ * 0.1 >= seconds,
  });
  await runner.close();
  const file = join(folder, `${name}.mcap`);
  copyFileSync(join(folder, recorded?.recording ?? ''), file);
  return { file, digest: episodeDigest(trace) };
}

let whole: Promise<string> | null = null;

/** One that went to its own end. */
function wholeEpisode(): Promise<string> {
  whole ??= record('whole', { policy: 'expert', observation: 'state' }, 60).then(({ file }) => file);
  return whole;
}

async function replay(file: string, sha256 = ''): Promise<EpisodeReplay> {
  const result = await replayEpisode({ id: 'e', file, sha256 }, duties);
  if (result === null) throw new Error('broken off');
  return result;
}

const SPEEDY = { policy: 'random', observation: 'state', randomize: 'train' } as const;

describe('a recorded episode', () => {
  it.each(TASKS.flatMap((task) => ENGINES.map((engine) => [task, engine] as const)))(
    'of %s in %s replays to the byte',
    async (task, engine) => {
      const { file, digest } = await record(`${task}-${engine}`, { ...SPEEDY, task, engine }, 0.5);
      const result = await replay(file);
      expect(result).toMatchObject({ result: 'same', reasons: [], task, engine, record: null });
      expect(result.digest).toEqual({ recorded: digest, replayed: digest });
      expect(result.compared).toMatchObject({ first: null, differing: {} });
      expect(result.compared?.equal).toBeGreaterThan(100);
    },
  );

  it('replays with pictures of a policy that sees, to its own end or to where it was cut off', async () => {
    const seen = await replay((await record('seen', {}, 0.3)).file);
    expect(seen).toMatchObject({ result: 'same' });
    const ended = await replay(await wholeEpisode());
    expect(ended).toMatchObject({ result: 'same' });
    expect(ended.sim_seconds).toBeGreaterThan(4);
  });
});

describe('a recording that is not what was played', () => {
  let file = '';
  beforeAll(async () => {
    ({ file } = await record('original', SPEEDY, 0.6));
  });

  it('is told by topic, message, time and field', async () => {
    const other = join(folder, 'other.mcap');
    await rewriteRecording(file, other, {
      message: (message, k) => {
        if (message.topic !== '/joint_states' || k !== 20) return message;
        const data = message.data.slice();
        new DataView(data.buffer).setFloat64(data.length - 8, 0.125, true);
        return { ...message, data };
      },
    });
    const { result, compared, reasons, digest } = await replay(other);
    expect(result).toBe('differs');
    expect(compared?.first).toMatchObject({ topic: '/joint_states', message: 20, what: 'content', recorded: '0.125' });
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
    const file = await wholeEpisode();
    const robot = loadRobot('panda');
    const play = async (engine: 'same' | 'other') =>
      openLoopEpisode({ id: 'e', file, sha256: '' }, engine, robot, duties);
    const [same, other] = [await play('same'), await play('other')];
    expect(same).toMatchObject({ result: 'played', reasons: [], engine: 'cannon', interventions: 0 });
    expect(same?.joints_rad?.max).toBeLessThan(5e-4);
    expect(same?.tool?.mm.max).toBeLessThan(0.5);
    expect(other).toMatchObject({ result: 'played', reasons: [], recorded_engine: 'cannon', engine: 'mujoco' });
    expect(other?.joints_rad?.max).toBeLessThan(0.02);
    expect(other?.tool?.mm.p95).toBeLessThan(5);
    // The other engine is another: its arm does not do the very same.
    expect(other?.joints_rad?.median).toBeGreaterThan(same?.joints_rad?.median ?? 1);
    expect(other?.objects.length).toBeGreaterThan(0);
  });
});
