import { CAMERAS, InProcessBus, type Log, SILENT_LOG, SimClock, TOPICS } from '../../contracts/index.ts';
import { EpisodeRecorder, type EpisodeRecorderOptions, summarizeRecording } from '../../datasets/index.ts';
import { RecorderDisk } from './recorder_disk.ts';
import { readAll } from './recording.ts';

const LIMITS = { start_bytes: 400e6, warn_bytes: 300e6, picture_bytes: 200e6, end_bytes: 100e6 };
const ONE = Float64Array.of(1);
const NAMES = ['panda_joint1'];

/** Topic of the colour pictures of `liveRecorder`. */
export const LIVE_COLOUR = `${CAMERAS.overview.colour.name}/compressed`;

/** A state of one joint. */
export const oneJoint = (stamp_ns: bigint) => ({
  ...{ stamp_ns, names: NAMES, position: ONE, velocity: ONE, effort: ONE },
});

/** A live recorder on a bus, with what it logs and what was published: states are a millisecond apart, or `period_ns`. */
export async function liveRecorder(file: string, options: Partial<EpisodeRecorderOptions> = {}) {
  const [disk, bus, clock] = [new RecorderDisk(), new InProcessBus(), new SimClock()];
  const logged: string[] = [];
  const log: Log = { ...SILENT_LOG, warn: (_, text) => logged.push(text), error: (_, text) => logged.push(text) };
  const recorder = new EpisodeRecorder({ file, metadata: {}, live: true, disk, disk_limits: LIMITS, ...options });
  await recorder.configure({ bus, clock, log });
  recorder.activate();
  let stamp_ns = 0n;
  const published = { states: 0, pictures: 0, latencies: 0 };
  return {
    ...{ disk, bus, clock, recorder, logged, published },
    state(period_ns = 1_000_000n) {
      stamp_ns += period_ns;
      clock.advance(stamp_ns);
      published.states++;
      bus.publish(TOPICS.joint_states, oneJoint(stamp_ns));
    },
    picture(bytes = 3 * 64 * 48) {
      published.pictures++;
      const data = new Uint8Array(bytes).fill(90);
      bus.publish(CAMERAS.overview.colour, { stamp_ns, frame_id: 'camera', width: 64, height: 48, data });
    },
    latency() {
      published.latencies++;
      const times = { pre_s: 0, model_s: 0, post_s: 0, queue: 0, dropped: 0 };
      bus.publish(TOPICS.latency, { stamp_ns, stage: 'a', request_id: '', model: '', ...times });
    },
  };
}

/** Messages of a whole recording, how many a topic has, and what its metadata record `recording` says. */
export async function liveRecorded(file: string) {
  const { messages, end } = await readAll(file);
  if (!end.complete) throw new Error(`${file}: ${end.reason}`);
  const count = (topic: string) => messages.filter((message) => message.topic === topic).length;
  const { recording } = Object.fromEntries((await summarizeRecording(file)).metadata);
  return { messages, count, recording };
}
