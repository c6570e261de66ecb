import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killLiveRecordings, type LiveKill } from '../../test/support/live_kills.ts';
import { mcapPythonReads } from '../../test/support/mcap_python.ts';
import { requirePeer } from '../../test/support/peer.ts';

/** Of what was published before the process was gone, s. */
const MOST_LOST_S = 1;

describe('live recordings whose process is killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-kills-'));
  let kills: readonly LiveKill[] = [];
  beforeAll(async () => {
    kills = await killLiveRecordings(folder, { processes: 2, recordings: 5, beside: 2, seed: 2026 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are repaired and valid, and have lost a second at most', () => {
    const most_s = Math.max(...kills.map(({ lost_s }) => lost_s));
    process.stdout.write(`${kills.length} recordings killed, most lost ${most_s.toFixed(3)} s\n`);
    expect(kills.filter(({ lost_s }) => lost_s > MOST_LOST_S)).toEqual([]);
    expect(kills.filter(({ report }) => report.state === 'repaired').length).toBeGreaterThan(kills.length / 4);
  });

  it('are read by the Python package mcap, message for message', async (ctx) => {
    const repaired = kills.flatMap(({ report: { result, kept } }) =>
      result === null ? [] : [[result, kept.messages]],
    );
    const theirs = await mcapPythonReads(repaired.map(([file]) => String(file)));
    const remedy = 'missing' in theirs ? theirs.missing : '';
    requirePeer(ctx, 'mcap', remedy, remedy === '');
    expect(theirs).toEqual({ messages: Object.fromEntries(repaired) });
  });
});
