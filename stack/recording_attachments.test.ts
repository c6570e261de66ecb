import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEpisode, summarizeRecording } from '../datasets/index.ts';
import { ModelRepository } from '../perception/index.ts';
import { loadRobot, PANDA_URDF, robotFromUrdf } from '../robots/index.ts';
import { envelopeForRobot, parseEnvelope } from '../safety/index.ts';
import { withFolder } from '../test/support/recording.ts';
import { EpisodeRunner } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS } from './options.ts';
import { runAttachments } from './recording_attachments.ts';

const robot = loadRobot('panda');
const options = { ...DEFAULT_EPISODE_OPTIONS, policy: 'expert', observation: 'state', seed: 4 } as const;

it('are in every recording of an episode, each as its own reader takes it', async () => {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, 'episodes'));
    const runner = await EpisodeRunner.create(options);
    let asked = 0;
    const { world } = await runner.run(2, {
      ...{ pace: Number.POSITIVE_INFINITY, trace_file: null, onStage: () => {}, stopped: () => ++asked > 5 },
      recording: {
        ...{ folder: join(folder, 'episodes'), metadata: { run_id: 'r' } },
        attachments: await runAttachments({ run_id: 'r' }, ''),
      },
    });
    await runner.close();
    const file = join('episodes', 'episode-0002.mcap');
    const { attachments, metadata } = await summarizeRecording(join(folder, file));
    const text = (name: string) => {
      const found = attachments.find((attachment) => attachment.name === name);
      return Buffer.from(found?.data ?? []).toString();
    };
    expect(attachments.map(({ name }) => name)).toEqual(['panda.urdf', 'envelope.json', 'world.json', 'run.json']);
    expect(robotFromUrdf(text('panda.urdf'), 'panda.urdf').model.joint_names).toEqual(robot.model.joint_names);
    expect(parseEnvelope(JSON.parse(text('envelope.json')))).toEqual(envelopeForRobot(robot));
    expect(JSON.parse(text('world.json'))).toEqual(JSON.parse(JSON.stringify(world)));
    expect(JSON.parse(text('run.json'))).toEqual({ run_id: 'r' });
    expect(metadata.get('surepick')).toMatchObject({ robot: robot.name, jpeg_quality: '85', episode: '2' });
    expect(metadata.get('outcome')).toMatchObject({ success: 'false', interventions: '0' });
    const { robot: described } = await describeEpisode(folder, { id: 'a', file });
    const sha256 = createHash('sha256').update(readFileSync(PANDA_URDF)).digest('hex');
    expect(described).toMatchObject({ name: robot.name, urdf_sha256: sha256 });
  });
});

it('have the card of a pinned model, and none of a model of which nobody knows', async () => {
  const { models } = await new ModelRepository().lock();
  const [{ name, version, sha256 }] = models;
  const [, card] = await runAttachments({}, sha256);
  expect(card.name).toBe(`model-${name}-${version}.json`);
  expect(JSON.parse(Buffer.from(card.data).toString())).toMatchObject({ name, version });
  expect(await runAttachments({}, 'f'.repeat(64))).toHaveLength(1);
});
