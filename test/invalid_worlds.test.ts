import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../stack/options.ts';
import { drawWorld } from '../stack/world_record.ts';
import { batchJson, lastJson } from './support/cli.ts';
import { hostedCli } from './support/cli_host.ts';
import { LONG, sweep } from './support/sweep.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-invalid-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const OPTIONS: EpisodeOptions = {
  ...DEFAULT_EPISODE_OPTIONS,
  ...{ policy: 'expert', observation: 'state', seed: 5 },
};

it('a batch counts a world that cannot be as one invalid episode, and plays the others', async () => {
  const robot = loadRobot('panda');
  const records = Array.from({ length: sweep(2, 3) }, (_, index) => drawWorld(OPTIONS, index, robot).record);
  const { scene } = records[1];
  const [first, ...others] = scene.objects;
  const [x, y, z] = first.pose.position;
  const sunk = { ...first, pose: { ...first.pose, position: [x, y, z - 0.01] as const } };
  records[1] = { ...records[1], scene: { ...scene, objects: [sunk, ...others] } };
  const file = join(scratch, 'worlds.jsonl');
  writeFileSync(file, records.map((world) => `${JSON.stringify({ world })}\n`).join(''));
  const digests: string[] = [];
  for (const workers of LONG ? ['1', '2'] : ['2']) {
    const ended = await hostedCli(['sim', '--replay', file, '--workers', workers, '--json'], scratch);
    expect(ended).toMatchObject({ code: 0 });
    const batch = lastJson(ended, batchJson);
    expect(batch).toMatchObject({ episodes: records.length, successes: records.length - 1 });
    expect(batch.failures).toMatchObject([{ episode: 1, stage: 'invalid' }]);
    expect(batch.failures[0]).toHaveProperty(
      'reason',
      expect.stringMatching(/step 0: object 0 .* and table begin 10\.0 mm in each other/),
    );
    digests.push(batch.digest);
  }
  expect(new Set(digests).size).toBe(1);
});
