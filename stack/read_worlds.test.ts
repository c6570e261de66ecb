import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManifestWriter } from '../datasets/index.ts';
import { loadRobot } from '../robots/index.ts';
import { EpisodeRunner, type FinishedEpisode } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from './options.ts';
import { readWorldRecords, replayOf } from './read_worlds.ts';
import { startTrace } from './state_trace.ts';
import { drawWorld } from './world_record.ts';

const robot = loadRobot('panda');

const folder = mkdtempSync(join(tmpdir(), 'surepick-worlds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const OPTIONS: EpisodeOptions = {
  ...DEFAULT_EPISODE_OPTIONS,
  ...{ task: 'sort', policy: 'random', observation: 'state', randomize: 'train', seed: 3 },
};

/** A second of an episode, recorded and traced or not. */
function hooks(recorded: boolean) {
  let asked = 0;
  return {
    ...{ pace: Number.POSITIVE_INFINITY, onStage: () => {}, stopped: () => asked++ >= 10 },
    recording: recorded ? { folder: join(folder, 'episodes'), metadata: {} } : null,
    trace_file: recorded ? at('trace.jsonl') : null,
  };
}

describe('what an episode was made from', () => {
  let runner: EpisodeRunner;
  let original: FinishedEpisode;

  beforeAll(async () => {
    mkdirSync(join(folder, 'episodes'));
    startTrace(at('trace.jsonl'));
    runner = await EpisodeRunner.create(OPTIONS);
    original = await runner.run(2, hooks(true));
    const facts = { run_id: 'r', command: 'c', options: {}, versions: {}, machine: {} };
    const manifest = new ManifestWriter(at('manifest.json'), facts);
    if (original.recorded !== null) manifest.add(original.recorded, folder);
    writeFileSync(at('world.json'), JSON.stringify(original.world, null, 2));
  });
  afterAll(() => runner.close());

  test.each(['trace.jsonl', 'manifest.json', 'episodes/episode-0002.mcap', 'world.json'])(
    'stands in %s, and the episode plays again from there',
    async (name) => {
      expect(existsSync(at(name))).toBe(true);
      const records = await readWorldRecords(at(name));
      expect(records).toEqual([original.world]);
      const again = await runner.replay(records[0], hooks(false));
      expect(Buffer.from(again.trace.steps.buffer).equals(Buffer.from(original.trace.steps.buffer))).toBe(true);
      expect(again.trace.outcome).toBe(original.trace.outcome);
    },
  );

  test('a file without a record is refused, and one that is none, with its place', async () => {
    const lines = readFileSync(at('trace.jsonl'), 'utf8').split('\n');
    writeFileSync(at('tail.jsonl'), lines.slice(1).join('\n'));
    await expect(readWorldRecords(at('tail.jsonl'))).rejects.toThrow(/tail\.jsonl: holds no record/);
    writeFileSync(at('broken.jsonl'), `${lines[0].slice(0, 100)}\n`);
    await expect(readWorldRecords(at('broken.jsonl'))).rejects.toThrow(/broken\.jsonl: is no JSON/);
    writeFileSync(at('wrong.jsonl'), `{"t":0,"world":{"schema":"surepick/world","version":9}}\n`);
    await expect(readWorldRecords(at('wrong.jsonl'))).rejects.toThrow(/wrong\.jsonl:1: version/);
    await expect(readWorldRecords(at('none.json'))).rejects.toThrow(/none\.json: cannot be read/);
  });
});

describe('a batch of records', () => {
  const record = (index: number, options = OPTIONS) => drawWorld(options, index, robot).record;

  test('has their options and indices', () => {
    const worlds = [record(4), record(5)];
    expect(replayOf(worlds, 'f')).toEqual({ episode: OPTIONS, calibration: null, first: 4, episodes: 2, worlds });
  });

  test('of several runs, or with a gap, is refused', () => {
    expect(() => replayOf([record(4), record(5, { ...OPTIONS, seed: 9 })], 'f')).toThrow(
      /f: episode 5: the options of/,
    );
    expect(() => replayOf([record(4), record(6)], 'f')).toThrow(/f: episode 6 after 4/);
  });
});
