import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CAMERAS, createRng, InProcessBus, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { EpisodeRecorder } from '../../datasets/recording/episode_recorder.ts';
import { wallClock } from './wall_clock.ts';

const PERIOD_NS = 10_000_000n;
const SIZE = { width: 96, height: 72 };
const NAMES = Array.from({ length: 7 }, (_, i) => `panda_joint${i + 1}`);

/** Records as a live graph does, joint states at 100 Hz and pictures at 10 Hz, saying after each what was published last. */
async function recordOne(file: string, name: number): Promise<never> {
  const bus = new InProcessBus();
  const rng = createRng(name);
  const recorder = new EpisodeRecorder({ file, metadata: { name: String(name) }, live: true });
  await recorder.configure({ bus, clock: wallClock, log: SILENT_LOG });
  recorder.activate();
  let due_ns = wallClock.now_ns();
  for (let step = 0; ; step++) {
    const stamp_ns = wallClock.now_ns();
    const numbers = () => Float64Array.from(NAMES, () => rng.normal());
    bus.publish(TOPICS.joint_states, {
      ...{ stamp_ns, names: NAMES, position: numbers(), velocity: numbers(), effort: numbers() },
    });
    if (step % 10 === 0) {
      const data = Uint8Array.from({ length: 3 * SIZE.width * SIZE.height }, () => rng.int(256));
      bus.publish(CAMERAS.overview.colour, { stamp_ns, frame_id: 'camera', ...SIZE, data });
    }
    writeSync(1, `${name} ${stamp_ns}\n`);
    due_ns += PERIOD_NS;
    await sleep(Math.max(0, Number(due_ns - wallClock.now_ns()) / 1e6));
  }
}

/** Recordings `first` and so on of FOLDER, each begun at a moment of its own. */
async function main(folder: string, first: number, recordings: number): Promise<void> {
  const rng = createRng(first);
  const names = Array.from({ length: recordings }, (_, k) => first + k);
  await Promise.all(
    names.map(async (name, k) => {
      await sleep(k === 0 ? 0 : rng.range(0, 800));
      await recordOne(join(folder, `live-${name}.mcap`), name);
    }),
  );
}

await main(process.argv[2], Number(process.argv[3]), Number(process.argv[4]));
