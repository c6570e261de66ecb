import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cli } from '../../../test/support/cli.ts';
import { expectDrifts, expectReplayed } from '../../../test/support/replay_verb.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-replay-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EXPERT = ['--policy', 'expert', '--observation', 'state', '--seed', '6'];
const manifest = z.looseObject({ episodes: z.array(z.looseObject({ digest: z.string() })) });

describe('surepick dataset replay of runs', () => {
  beforeAll(async () => {
    for (const workers of ['1', '2']) {
      const args = ['run', '--episodes', '2', ...EXPERT, '--workers', workers, '--out', `w${workers}`];
      const { code, stderr } = await cli(args, folder);
      expect(code, stderr).toBe(0);
    }
  }, 120_000);

  it('replays what one and two workers recorded, with any number of workers', async () => {
    const { episodes } = manifest.parse(JSON.parse(readFileSync(join(folder, 'w1', 'manifest.json'), 'utf8')));
    const digests = episodes.map(({ digest }) => digest);
    await expectReplayed(cli, folder, 'w1', 2, digests);
    await expectReplayed(cli, folder, 'w2', 1, digests);
  });

  it('plays commands in the other engine, and tells how far it drifts', () => expectDrifts(cli, folder, 'w1'));
});
