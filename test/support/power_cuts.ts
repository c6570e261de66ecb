import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAMERAS, createRng, TOPICS } from '../../contracts/index.ts';
import { type RepairReport, readRecording, repairRecording } from '../../datasets/index.ts';
import { PowerCutDisk } from './power_cut_disk.ts';
import { fingerprints, readAll, record } from './recording.ts';

export interface PowerCut {
  readonly what: string;
  /** Null where the file's name had not reached the disk. */
  readonly report: RepairReport | null;
  /** From the last message that was restored to the last that was published, s. */
  readonly lost_s: number;
}

const STEPS = 600;
const NAMES = Array.from({ length: 7 }, (_, i) => `panda_joint${i + 1}`);
const SIZE = { width: 48, height: 36 };

/** Records an episode of 6 s, cuts the power at random moments of it, and repairs what the disk still holds. */
export async function cutPower(folder: string, cuts: number, seed: number): Promise<PowerCut[]> {
  const rng = createRng(seed, 'power cuts');
  const disk = new PowerCutDisk(rng.stream('disk'));
  const moments: { readonly acts: number; readonly stamp_ns: bigint }[] = [];
  await record(
    join(folder, 'episode.mcap'),
    async (bus, clock, settle) => {
      for (let step = 1; step <= STEPS; step++) {
        const stamp_ns = BigInt(step) * 10_000_000n;
        clock.advance(stamp_ns);
        const numbers = () => Float64Array.from(NAMES, () => rng.normal());
        bus.publish(TOPICS.joint_states, {
          ...{ stamp_ns, names: NAMES, position: numbers(), velocity: numbers(), effort: numbers() },
        });
        if (step % 10 === 0) {
          const data = Uint8Array.from({ length: 3 * SIZE.width * SIZE.height }, () => rng.int(256));
          bus.publish(CAMERAS.overview.colour, { stamp_ns, frame_id: 'camera', ...SIZE, data });
        }
        await settle();
        moments.push({ acts: disk.acts.length, stamp_ns });
      }
    },
    { disk },
  );
  const whole = disk.after(disk.acts.length, rng);
  const file = join(folder, 'whole.mcap');
  writeFileSync(file, whole?.bytes ?? '');
  const expected = fingerprints((await readAll(file)).messages);
  const done: PowerCut[] = [];
  for (let cut = 0; cut < cuts; cut++) {
    const moment = rng.int(moments.length + 20);
    // Behind the last message the file is being ended.
    const { acts, stamp_ns } = moments[moment] ?? {
      acts: moments[STEPS - 1].acts + rng.int(disk.acts.length - moments[STEPS - 1].acts + 1),
      stamp_ns: moments[STEPS - 1].stamp_ns,
    };
    const what = `cut ${cut} behind ${acts} acts of the disk, ${Number(stamp_ns) / 1e9} s into the episode`;
    done.push(await restore(folder, cut, disk.after(acts, rng), stamp_ns, what, expected));
  }
  return done;
}

async function restore(
  folder: string,
  cut: number,
  left: ReturnType<PowerCutDisk['after']>,
  stamp_ns: bigint,
  what: string,
  expected: readonly string[],
): Promise<PowerCut> {
  if (left === null) return { what, report: null, lost_s: Number(stamp_ns) / 1e9 };
  const file = join(folder, `cut-${cut}.mcap${left.name.endsWith('.part') ? '.part' : ''}`);
  writeFileSync(file, left.bytes);
  const report = await repairRecording(file);
  if (report.result === null) return { what, report, lost_s: Number(stamp_ns) / 1e9 };
  const reader = readRecording(report.result);
  let at = 0;
  for await (const message of reader) {
    const found = expected.indexOf(fingerprints([message])[0], at);
    if (found < 0) throw new Error(`${what}: a message that was not recorded, or out of order`);
    at = found + 1;
  }
  if (!reader.end.complete) throw new Error(`${what}: ${reader.end.reason}`);
  return { what, report, lost_s: Number(stamp_ns - reader.end.end_ns) / 1e9 };
}
