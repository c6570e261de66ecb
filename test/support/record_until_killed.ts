import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { EpisodeRecorder, ManifestWriter } from '../../datasets/index.ts';
import { publishEpisode } from './synthetic_episode.ts';

/** Records episodes into FOLDER/episodes, one after the other, saying on stdout how far it is, until it is killed. */
async function main(folder: string, seconds: number): Promise<void> {
  const facts = { run_id: 'killed', command: 'record', options: {}, versions: {}, machine: {} };
  const manifest = new ManifestWriter(join(folder, 'manifest.json'), facts);
  for (let index = 0; ; index++) {
    const recording = `episode-${index}.mcap`;
    const [bus, clock] = [new InProcessBus(), new SimClock()];
    const file = join(folder, 'episodes', recording);
    const recorder = new EpisodeRecorder({ file, metadata: { episode: String(index) } });
    await recorder.configure({ bus, clock, log: SILENT_LOG });
    recorder.activate();
    const options = { seed: index, seconds, colour_noise: 4, depth_noise_m: 0.002 };
    await publishEpisode(bus, clock, options, async () => {
      if (bus.active) await bus.settled();
      writeSync(1, `${index} ${clock.now_ns()}\n`);
      if (clock.now_ns() % 50_000_000n === 0n) await sleep(1);
    });
    await recorder.finish();
    const nothing = {
      stages: [],
      time_s: [],
      joint_names: [],
      joint_position: [],
      tool_speed: [],
      latency: {},
      images: [],
    };
    manifest.add(
      {
        ...{ ...nothing, index, recording, success: true, stage: '', reason: '', object: 'red box', attempts: 1 },
        ...{ sim_seconds: seconds, wall_seconds: 0, placement_error_m: 0.001, interventions: [], checks: {} },
      },
      folder,
    );
  }
}

await main(process.argv[2], Number(process.argv[3]));
