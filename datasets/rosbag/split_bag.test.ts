import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RosCodec } from '../../ros/index.ts';
import { JOINT_STATE, START_NS } from '../../test/support/made_bags.ts';
import { listRecording } from '../../test/support/rosbags.ts';
import { type BagImport, episodePath, importBags, McapFile, openDataset, summarizeRecording } from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-split-bag-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MS = 1_000_000n;
const codecs = {
  '/joint_states': JOINT_STATE,
  '/tf_static': 'tf2_msgs/msg/TFMessage',
  '/episode': 'std_msgs/msg/String',
};
type Topic = keyof typeof codecs;

/** Messages at these times (ms), in this order. */
async function write(file: string, messages: readonly (readonly [Topic, number])[]): Promise<string> {
  const written = await McapFile.create({ file });
  const channels = new Map<string, number>();
  for (const [topic, at_ms] of messages) {
    const codec = new RosCodec(codecs[topic]);
    const { name, text } = codec.definition;
    const channel = channels.get(topic) ?? written.addChannel(topic, written.addSchema(name, 'ros2msg', text));
    channels.set(topic, channel);
    const at = START_NS + BigInt(at_ms) * MS;
    written.addMessage(channel, at, at - MS, codec.encode({ name: [`${at_ms}`] }));
    await written.flush();
  }
  await written.finish();
  return file;
}

let made = 0;
async function bring(source: string, more: Partial<BagImport>) {
  const out = more.out ?? join(folder, `set-${++made}`);
  const id = '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a';
  const { signal } = new AbortController();
  const imported = await importBags({ source, name: 'x', id, now: '2026-02-03T04:05:06Z', signal, ...more, out });
  const dataset = await openDataset(out);
  const episodes = [];
  for (const episode of imported.index.episodes) {
    const messages = await listRecording(episodePath(dataset, episode));
    episodes.push(messages.map(([topic, , at]) => [topic, Number((BigInt(at) - START_NS) / MS)]));
  }
  return { out, episodes, dataset, imported };
}

describe('a bag that is cut into episodes', () => {
  const messages: (readonly [Topic, number])[] = [
    ['/tf_static', 0],
    ['/episode', 10],
    ['/joint_states', 30],
    ['/joint_states', 20],
    ['/joint_states', 2000],
    ['/episode', 2010],
    ['/joint_states', 2020],
  ];
  const file = join(folder, 'bag.mcap');

  it('is one without options, in order of log time whatever the order in the file', async () => {
    const { episodes } = await bring(await write(file, messages), {});
    expect(episodes).toEqual([[...messages].sort(([, a], [, b]) => a - b)]);
  });

  it('ends one where all topics are silent, and tells the next what late subscribers are told', async () => {
    const { episodes, dataset } = await bring(await write(file, messages), { split_gap_s: 1 });
    expect(episodes.map((each) => each.length)).toEqual([4, 4]);
    expect(episodes[1][0]).toEqual(['/tf_static', 2000]);
    const [, second] = dataset.index.episodes;
    const { metadata } = await summarizeRecording(episodePath(dataset, second));
    expect(metadata.get('import')).toMatchObject({ repeated_latched: '1', episodes: '2' });
    expect(second.id).toBe('bag-0001');
  });

  it('begins one with every message of a topic; what lies before the first is one, too', async () => {
    const { episodes } = await bring(await write(file, messages), { split_on: '/episode' });
    expect(episodes.map((each) => each.filter(([topic]) => topic !== '/tf_static'))).toEqual([
      [],
      [
        ['/episode', 10],
        ['/joint_states', 20],
        ['/joint_states', 30],
        ['/joint_states', 2000],
      ],
      [
        ['/episode', 2010],
        ['/joint_states', 2020],
      ],
    ]);
    await expect(bring(file, { split_on: '/none' })).rejects.toThrow(/--split-on \/none: is no topic of bag bag/);
  });

  it('is added once to a dataset that has it, and goes on where it was interrupted', async () => {
    await write(file, messages);
    const controller = new AbortController();
    const out = join(folder, 'added');
    const first = await bring(file, {
      ...{ out, split_gap_s: 1, signal: controller.signal },
      progress: (_done, _total, now) => now.includes('written 0') && controller.abort(),
    });
    expect(first.imported).toMatchObject({ complete: false });
    expect(first.dataset.index.episodes).toHaveLength(1);
    const second = await bring(file, { out, split_gap_s: 1 });
    expect(second.imported).toMatchObject({ complete: true, bags: [{ kept: ['bag-0000'], episodes: ['bag-0001'] }] });
    const third = await bring(file, { out, split_gap_s: 1 });
    expect(third.imported.bags[0]).toMatchObject({ kept: ['bag-0000', 'bag-0001'], episodes: [] });
    expect(third.imported.index.revision).toBe(2);
  });
});
