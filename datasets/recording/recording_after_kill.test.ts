import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, secondsToStamp } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { fingerprints, readAll, record, withFolder } from '../../test/support/recording.ts';
import { sweep } from '../../test/support/sweep.ts';
import { publishEpisode } from '../../test/support/synthetic_episode.ts';
import { wallClock_ms } from '../../test/support/wall_clock.ts';
import { hashFile, openDataset, readManifest, repairFolder } from '../index.ts';

const EPISODE_S = 4;
/** Both kinds of moments, by turns. */
const KILLS = sweep(2, 8);
/** What waits, the chunk that is on its way to the disk and the one that is being filled. */
const LOSS_S = 1;

describe('a recording process that is killed', () => {
  let program = '';
  beforeAll(async () => {
    program = await compiledProgram('record_until_killed');
  });

  /** Runs the recorder until `due` says so of the stamp and the time since the first; returns the last episode and stamp. */
  function runAndKill(
    folder: string,
    due: (stamp_s: number, running_ms: number) => boolean,
  ): Promise<{ episode: number; stamp_ns: bigint }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, folder, String(EPISODE_S)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      let begun_ms = Number.NaN;
      child.stdout.on('data', (data: Buffer) => {
        if (said === '') begun_ms = wallClock_ms();
        said = (said + data.toString()).slice(-200);
        const stamp_s = Number(/ (\d+)\n$/.exec(said)?.[1]) / 1e9;
        if (due(stamp_s, wallClock_ms() - begun_ms)) child.kill('SIGKILL');
      });
      child.on('close', (code, signal) => {
        if (signal !== 'SIGKILL') return reject(new Error(`the recorder ended by itself with code ${code}`));
        const [episode, stamp] = said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1)?.split(' ') ?? [];
        resolve({ episode: Number(episode), stamp_ns: BigInt(stamp) });
      });
    });
  }

  /** The run is repaired as a whole, and can be used like any other. */
  async function repairedRun(folder: string, parts: readonly string[], where: string): Promise<void> {
    const listed = readManifest(folder).episodes.length;
    const { reports, refused, manifest } = await repairFolder(folder, { now: '2026-01-01T00:00:00Z' });
    expect(refused, where).toEqual([]);
    const repaired = reports.filter(({ state }) => state === 'repaired');
    expect(repaired.length, where).toBeLessThanOrEqual(parts.length);
    expect(manifest?.added.length, where).toBe(repaired.length);
    const { index } = await openDataset(folder);
    expect(index.episodes, where).toHaveLength(listed + repaired.length);
    for (const { result, kept } of repaired) {
      const episode = index.episodes.find(({ file }) => result?.endsWith(file));
      expect(episode, where).toMatchObject({ outcome: { success: null }, ...hashFile(result ?? '') });
      expect(
        episode?.signals.reduce((sum, { messages }) => sum + messages, 0),
        where,
      ).toBe(kept.messages);
    }
    const again = await repairFolder(folder, { now: '2026-01-01T00:00:00Z' });
    expect(
      again.reports.every(({ state }) => state === 'whole' || state === 'lost'),
      where,
    ).toBe(true);
    expect(again.manifest, where).toEqual({ added: [], renewed: [] });
  }

  const known = new Map<number, string[]>();

  /** What episode `index` holds when it is whole. */
  async function expected(index: number): Promise<string[]> {
    const messages =
      known.get(index) ??
      (await withFolder(async (folder) => {
        const options = { seed: index, seconds: EPISODE_S, colour_noise: 4, depth_noise_m: 0.002 };
        const file = join(folder, 'expected.mcap');
        await record(file, (bus, clock, settle) => publishEpisode(bus, clock, options, settle));
        return fingerprints((await readAll(file)).messages);
      }));
    known.set(index, messages);
    return messages;
  }

  it('leaves finished episodes whole, the manifest valid, and the current one readable but for its last second', async () => {
    const rng = createRng(2024).stream('kills');
    let partial = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // By turns anywhere on the clock, and certainly within an episode.
      const [after_ms, after_s] = [Math.round(rng.range(5, 700)), rng.range(1.2, 2.5)];
      const anywhere = kill % 2 === 0;
      const where = `kill ${kill} after ${anywhere ? `${after_ms} ms` : `${after_s} s of an episode`}`;
      await withFolder(async (folder) => {
        const episodes = join(folder, 'episodes');
        mkdirSync(episodes);
        const { episode, stamp_ns } = await runAndKill(folder, (stamp_s, running_ms) =>
          anywhere ? running_ms >= after_ms : stamp_s >= after_s,
        );
        const files = readdirSync(episodes);
        for (const name of files.filter((file) => file.endsWith('.mcap'))) {
          const { end } = await readAll(join(episodes, name));
          expect(end, where).toMatchObject({ complete: true, end_ns: secondsToStamp(EPISODE_S) });
        }
        const listed = readManifest(folder);
        expect(listed.finished, where).toBe(false);
        // The episode of the last message may have been finished and listed after it was reported.
        expect([episode, episode + 1], where).toContain(listed.episodes.length);
        for (const { file, bytes, sha256 } of listed.episodes) {
          expect(hashFile(join(folder, file)), where).toEqual({ bytes, sha256 });
        }
        const current = files.filter((file) => file.endsWith('.part'));
        expect(current.length, where).toBeLessThanOrEqual(1);
        for (const name of current) {
          if (statSync(join(episodes, name)).size === 0) continue;
          const index = Number(/\d+/.exec(name)?.[0]);
          const { messages, end } = await readAll(join(episodes, name));
          expect(fingerprints(messages), where).toEqual((await expected(index)).slice(0, messages.length));
          if (index === episode) expect(Number(stamp_ns - end.end_ns) / 1e9, where).toBeLessThan(LOSS_S);
          if (messages.length > 0) partial++;
        }
        await repairedRun(folder, current, where);
      });
    }
    expect(partial).toBeGreaterThan(0);
  });
});
