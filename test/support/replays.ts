import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManifestWriter, type MaskRules } from '../../datasets/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { episodeDigest } from '../../stack/digest.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../../stack/options.ts';
import { openLoopEpisode } from '../../stack/replay/open_loop_episode.ts';
import { type EpisodeReplay, type ReplayDuties, replayEpisode } from '../../stack/replay/replay_episode.ts';
import { Runners } from '../../stack/replay/runners.ts';
import { RunAudit } from '../../stack/run_audit.ts';

/** What may be recorded at full speed: nobody looks. */
export const SPEEDY = { policy: 'random', observation: 'state', randomize: 'train' } as const;

/** Records episodes and replays them, in a folder of its own. */
export class ReplayBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'surepick-replays-'));
  private readonly runners = new Runners();
  private readonly duties: ReplayDuties = {
    runnerFor: (options) => this.runners.runnerFor(options),
    stopped: () => false,
    now_s: () => 0,
  };

  /** Records an episode, cut off after `seconds`; gives its file and digest. */
  async record(name: string, changes: Partial<EpisodeOptions>, seconds: number, masks?: MaskRules) {
    const { folder } = this;
    const runner = await this.runners.runnerFor({ ...DEFAULT_EPISODE_OPTIONS, seed: 8, ...changes });
    let asked = 0;
    const { trace, recorded } = await runner.run(3, {
      ...{ pace: Number.POSITIVE_INFINITY, trace_file: null, onStage: () => {} },
      recording: {
        ...{ folder, metadata: { run_id: 'r', node: process.versions.node } },
        ...(masks === undefined ? {} : { masks }),
      },
      stopped: () => asked++ * 0.1 >= seconds,
    });
    const file = join(folder, `${name}.mcap`);
    copyFileSync(join(folder, recorded?.recording ?? ''), file);
    return { file, digest: episodeDigest(trace) };
  }

  /** Records episodes 0, 1 and so on as a run, in a folder of this name; gives their digests. */
  async recordRun(
    name: string,
    episodes: number,
    changes: Partial<EpisodeOptions>,
    seconds: number,
  ): Promise<string[]> {
    const out = join(this.folder, name);
    const folder = join(out, 'episodes');
    mkdirSync(folder, { recursive: true });
    const options = { ...DEFAULT_EPISODE_OPTIONS, seed: 6, ...changes };
    const runner = await this.runners.runnerFor(options);
    const audit = new RunAudit(out, options, 0, episodes);
    const facts = { run_id: '20260102-030405-seed6', command: 'surepick run', options: {}, versions: {}, machine: {} };
    const manifest = new ManifestWriter(join(out, 'manifest.json'), facts);
    const digests: string[] = [];
    for (let index = 0; index < episodes; index++) {
      let asked = 0;
      const { trace, recorded } = await runner.run(index, {
        ...{ pace: Number.POSITIVE_INFINITY, trace_file: null, onStage: () => {} },
        recording: { folder, metadata: { run_id: facts.run_id } },
        stopped: () => asked++ * 0.1 >= seconds,
      });
      if (recorded === null) throw new Error(`episode ${index} was not recorded`);
      manifest.add(recorded, out);
      audit.add(recorded);
      digests.push(episodeDigest(trace));
    }
    const digest = '0'.repeat(64);
    manifest.finish({ digest, interrupted: false, model: null, audit: await audit.end(digest, false) });
    return digests;
  }

  async replay(file: string, sha256 = ''): Promise<EpisodeReplay> {
    const result = await replayEpisode({ id: 'e', file, sha256 }, this.duties);
    if (result === null) throw new Error('broken off');
    return result;
  }

  async openLoop(file: string, engine: 'same' | 'other') {
    const played = await openLoopEpisode({ id: 'e', file, sha256: '' }, engine, loadRobot('panda'), this.duties);
    if (played === null) throw new Error('broken off');
    return played;
  }

  async close(): Promise<void> {
    await this.runners.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
