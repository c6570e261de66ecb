import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonEnvironment } from '../../test/support/python.ts';
import { record } from '../../test/support/recording.ts';
import {
  bagPeer,
  byTime,
  type ListedMessage,
  listBags,
  listRecording,
  writeUr5Bags,
} from '../../test/support/rosbags.ts';
import { publishEpisode } from '../../test/support/synthetic_episode.ts';
import {
  type Dataset,
  episodePath,
  exportMcap,
  importBags,
  type McapExport,
  openDataset,
  readPictures,
  readSeries,
} from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-export-mcap-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const fresh = () => join(folder, `out-${++made}`);
const NOW = '2026-02-03T04:05:06Z';
const set = join(folder, 'both');

async function bring(source: string, robot: string | undefined, out = set) {
  return importBags({
    ...{ source, out, name: 'both robots', id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a', now: NOW, robot },
    signal: new AbortController().signal,
  });
}

async function exported(dataset: Dataset, more: Partial<McapExport> = {}) {
  const out = more.out ?? fresh();
  const all = { topics: null, from_s: null, to_s: null, merge: false, resume: false };
  const { episodes } = dataset.index;
  const done = await exportMcap({ dataset, episodes, signal: new AbortController().signal, ...all, ...more, out });
  return { out, ...done };
}

/** One episode of a Panda, without Python; of a UR5 too where rosbags can be had. */
describe('episodes of a UR5 beside those of a Panda', () => {
  let dataset: Dataset;
  let ur5: ListedMessage[] | null = null;

  beforeAll(async () => {
    const panda = join(folder, 'panda.mcap');
    const options = { seed: 3, seconds: 1, colour_noise: 4, depth_noise_m: 0.002 };
    await record(panda, (bus, clock, settle) => publishEpisode(bus, clock, options, settle));
    await bring(panda, 'panda');
    const environment = await pythonEnvironment('rosbags', ['rosbags==0.11.9']);
    if ('python' in environment) {
      const bag = join(folder, 'ur5');
      [ur5] = await writeUr5Bags(environment.python, [{ folder: bag, storage: 'mcap' }]);
      await bring(bag, undefined);
    }
    dataset = await openDataset(set);
  });

  it('are one dataset, each joint under its name, whatever the order its driver publishes', async (ctx) => {
    await bagPeer(ctx, 'rosbags');
    const [panda, other] = dataset.index.episodes;
    expect([panda.robot.name, other.robot.name]).toEqual(['panda', 'ur5']);
    expect(other.robot.joint_names).toHaveLength(6);
    expect(other).toMatchObject({
      ...{ engine: 'real', recorded_at: '2026-01-02T03:04:05.000Z' },
      lineage: { source: 'import' },
      signals: expect.arrayContaining([
        expect.objectContaining({ role: 'joint_state', topic: '/joint_states' }),
        expect.objectContaining({
          role: 'joint_command',
          topic: '/scaled_joint_trajectory_controller/controller_state',
        }),
        expect.objectContaining({ role: 'wrench', topic: '/force_torque_sensor_broadcaster/wrench' }),
        expect.objectContaining({ role: 'colour', camera: 'wrist_camera' }),
      ]),
    });
    expect(other.robot.urdf_sha256).not.toBe('');
    const { joints, command, wrench, pictures } = await readSeries(episodePath(dataset, other));
    if (joints === null || command === null || wrench === null) throw new Error('a series is missing');
    expect([...joints.names].sort()).toEqual([...command.names].sort());
    expect(joints.names).not.toEqual(command.names);
    // The command of a joint is its state 20 ms later, as the bag was made: only right names agree.
    for (const [j, name] of joints.names.entries()) {
      const c = command.names.indexOf(name);
      for (let row = 0; row + 2 < joints.time_s.length; row++) {
        const [state, told] = [joints.position[6 * (row + 2) + j], command.position[6 * row + c]];
        expect(told, `${name} at ${joints.time_s[row]} s`).toBeCloseTo(state, 12);
      }
    }
    expect(wrench.frame_id).toBe('tool0');
    expect(wrench.values[2]).toBeCloseTo(-9.81, 9);
    expect(pictures).toMatchObject([{ camera: 'wrist_camera', kind: 'colour' }]);
    let seen = 0;
    for await (const picture of readPictures(episodePath(dataset, other), [pictures[0].topic])) {
      expect(picture.format).toBe('jpeg');
      seen++;
    }
    expect(seen).toBe(10);
  });

  it('go out as bags that come back the same, with what their dataset said of them', async () => {
    const { out, complete, notes } = await exported(dataset);
    expect({ complete, notes }).toEqual({ complete: true, notes: [] });
    const back = join(folder, 'back');
    await bring(out, undefined, back);
    const again = await openDataset(back);
    expect(again.index.episodes.map(({ id }) => id).sort()).toEqual(dataset.index.episodes.map(({ id }) => id).sort());
    for (const episode of dataset.index.episodes) {
      const same = again.index.episodes.find(({ id }) => id === episode.id);
      expect(same).toMatchObject({ robot: episode.robot, signals: episode.signals, governance: episode.governance });
      const bag = join(out, episode.id, `${episode.id}_0.mcap`);
      expect(await listRecording(bag)).toEqual(await listRecording(episodePath(dataset, episode)));
    }
  });

  it('are read by rosbags as folders and by mcap as files, message by message', async (ctx) => {
    const rosbags = await bagPeer(ctx, 'rosbags');
    const mcap = await bagPeer(ctx, 'mcap');
    const { out } = await exported(dataset);
    const ids = dataset.index.episodes.map(({ id }) => id);
    const expected = await Promise.all(dataset.index.episodes.map((each) => listRecording(episodePath(dataset, each))));
    expect(byTime(expected[1])).toEqual(byTime(ur5 ?? []));
    const folders = await listBags(
      rosbags,
      'rosbags',
      ids.map((id) => join(out, id)),
    );
    const files = await listBags(
      mcap,
      'mcap',
      ids.map((id) => join(out, id, `${id}_0.mcap`)),
    );
    for (const [k, id] of ids.entries()) {
      expect(byTime(folders[k]).sort(), id).toEqual(byTime(expected[k]).sort());
      expect(byTime(files[k]).sort(), id).toEqual(byTime(expected[k]).sort());
    }
    const merged = await exported(dataset, { merge: true });
    const [all] = await listBags(rosbags, 'rosbags', [join(merged.out, 'both_robots')]);
    expect(all.map(([topic, type, , hash]) => [topic, type, hash]).sort()).toEqual(
      expected
        .flat()
        .map(([topic, type, , hash]) => [topic, type, hash])
        .sort(),
    );
  });

  it('are cut by topic and time, with the static messages that come before', async () => {
    const chosen = { topics: ['/joint_states', '/tf_static'], from_s: 0.3, to_s: 0.7 };
    const { out } = await exported(dataset, chosen);
    const [episode] = dataset.index.episodes;
    const whole = await listRecording(episodePath(dataset, episode));
    const cut = await listRecording(join(out, episode.id, `${episode.id}_0.mcap`));
    const start = BigInt(whole[0][2]);
    const states = whole.filter(([topic, , at]) => {
      const since_s = Number(BigInt(at) - start) / 1e9;
      return topic === '/joint_states' && since_s >= 0.3 && since_s < 0.7;
    });
    expect(states.length).toBeGreaterThan(10);
    expect(cut.filter(([topic]) => topic === '/joint_states')).toEqual(states);
    const fixed = whole.filter(([topic]) => topic === '/tf_static').map(([, , , hash]) => hash);
    expect(cut.filter(([topic]) => topic === '/tf_static').map(([, , , hash]) => hash)).toEqual(fixed);
    await expect(exported(dataset, { topics: ['/none'] })).rejects.toThrow(/--topics \/none: is in no episode/);
  });

  it('one bag holds them one after the other, and says by how much each was moved', async () => {
    const [first] = dataset.index.episodes;
    const { out, episodes } = await exported(dataset, { merge: true, episodes: [first, { ...first, id: 'again' }] });
    const all = await listRecording(join(out, 'both_robots', 'both_robots_0.mcap'));
    const one = await listRecording(episodePath(dataset, first));
    expect(all.slice(0, one.length)).toEqual(one);
    const moved = BigInt(episodes[1].moved_ns);
    expect(moved).toBeGreaterThan(0n);
    expect(all.slice(one.length)).toEqual(
      one.map(([topic, type, at, hash]) => [topic, type, String(BigInt(at) + moved), hash]),
    );
  });

  it('go on where they were interrupted, and nowhere else', async () => {
    const [first] = dataset.index.episodes;
    const episodes = ['a', 'b', 'c'].map((id) => ({ ...first, id }));
    const controller = new AbortController();
    const out = fresh();
    const stopped = await exported(dataset, {
      ...{ episodes, out, signal: controller.signal },
      onEpisode: (done) => done === 2 && controller.abort(),
    });
    expect(stopped).toMatchObject({ complete: false, episodes: [{ id: 'a' }, { id: 'b' }] });
    const before = readFileSync(join(out, 'a', 'a_0.mcap'));
    await expect(exported(dataset, { episodes, out })).rejects.toThrow(/must be new or empty.*--resume/);
    await expect(exported(dataset, { episodes, out, resume: true, to_s: 1 })).rejects.toThrow(/other options/);
    const done = await exported(dataset, { episodes, out, resume: true });
    expect(done).toMatchObject({ complete: true, kept: ['a', 'b'] });
    expect(readFileSync(join(out, 'a', 'a_0.mcap')).equals(before)).toBe(true);
    expect(readdirSync(out).sort()).toEqual(['a', 'b', 'c', 'export.json']);
  });

  it('refuses a recording that is not what its index says, and leaves nothing half done', async () => {
    const [first] = dataset.index.episodes;
    const out = fresh();
    const changed = [{ ...first, sha256: '0'.repeat(64) }];
    await expect(exported(dataset, { episodes: changed, out })).rejects.toThrow(/is not what its index says/);
    expect(readdirSync(out)).toEqual([]);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    await expect(exported(dataset, { out, resume: true })).rejects.toThrow(/holds mine\.txt/);
    expect(existsSync(join(out, 'mine.txt'))).toBe(true);
  });
});
