import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from '../../test/support/cli.ts';
import { partsAsked } from '../../test/support/parts.ts';

const PARTS = 20;
const EPISODES = 50;
const folder = mkdtempSync(join(tmpdir(), 'surepick-replay-long-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the parts record: mostly the stack with its cameras, and every task and engine. */
const KINDS = [
  ['--task', 'pick-place'],
  ['--task', 'pick-place', '--engine', 'mujoco'],
  ['--task', 'pick-place', '--randomize', 'train'],
  ['--task', 'sort', '--policy', 'expert', '--observation', 'state'],
  ['--task', 'clutter', '--policy', 'random', '--observation', 'state', '--engine', 'mujoco', '--randomize', 'hard'],
];

describe('1,000 recorded episodes', () => {
  it.each(partsAsked(PARTS))(
    'replay to the byte, part %i',
    async (part) => {
      const out = `part-${part}`;
      const what = [
        '--episodes',
        String(EPISODES),
        '--first',
        String(part * EPISODES),
        '--seed',
        '40',
        '--workers',
        '2',
      ];
      const recorded = await cli(['run', ...what, ...KINDS[part % KINDS.length], '--out', out], folder);
      expect(recorded.code, recorded.stderr).toBe(0);
      const { code, stdout, stderr } = await cli(['dataset', 'replay', out, '--workers', '2', '--json'], folder);
      const tally = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      const others = tally.replays.filter(({ result }: { result: string }) => result !== 'same');
      expect(others, stderr).toEqual([]);
      expect({ code, same: tally.same }).toEqual({ code: 0, same: tally.asked });
      expect(tally.asked).toBeGreaterThan(EPISODES - 5);
      rmSync(join(folder, out), { recursive: true });
    },
    3_600_000,
  );
});
