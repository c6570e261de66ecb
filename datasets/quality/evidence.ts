import { pictureOf } from '../recording/pictures.ts';
import { readRecording } from '../recording/read_recording.ts';
import { type EpisodeSeries, readSeries } from '../recording/series.ts';
import { summarizeRecording } from '../recording/summary.ts';
import { jointLimitsOf, type KnownLimits } from './joint_limits.ts';
import { type PictureFeatures, PictureMeter } from './picture_features.ts';

/** Everything that checks of one episode look at; what a robot would have, nothing of the simulator's. */
export interface Evidence {
  readonly series: EpisodeSeries;
  readonly cameras: readonly PictureFeatures[];
  /** By joint name; empty where no description of the robot was recorded. */
  readonly limits: ReadonlyMap<string, KnownLimits>;
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly outcome: { readonly success: boolean | null; readonly stage: string; readonly reason: string };
}

/** Reads an episode once for its numbers and once for its pictures. Throws an InputError for a file that cannot be read. */
export async function readEvidence(file: string, outcome: Evidence['outcome']): Promise<Evidence> {
  const { metadata, attachments } = await summarizeRecording(file);
  const series = await readSeries(file);
  const meters = new Map(
    series.pictures
      .filter(({ kind }) => kind === 'colour')
      .map(({ topic, camera }) => [topic, new PictureMeter(topic, camera)] as const),
  );
  const urdf = attachments.find(({ name }) => name.endsWith('.urdf'));
  let description = urdf === undefined ? '' : Buffer.from(urdf.data).toString('utf8');
  for await (const message of readRecording(file, [...meters.keys(), DESCRIPTION])) {
    if (message.topic === DESCRIPTION && description === '') description = String(message.message.data ?? '');
    const picture = pictureOf(message);
    if (picture !== null) await meters.get(picture.topic)?.take(picture, series.start_ns);
  }
  return {
    ...{ series, metadata, outcome },
    cameras: [...meters.values()].map((meter) => meter.features()),
    limits: jointLimitsOf(description),
  };
}

const DESCRIPTION = '/robot_description';
