import { InputError } from '../../contracts/index.ts';
import type { EpisodeFacts } from '../dataset/describe_episode.ts';
import { type DatasetEpisode, datasetEpisode } from '../dataset/schema.ts';
import type { Bag } from './bag.ts';
import type { BagAttachment } from './bag_storage.ts';
import type { EpisodeRange } from './split_bag.ts';
import type { TopicCodec } from './topic_codec.ts';

/** Record of metadata in which an exported episode carries what its dataset said of it. */
export const EPISODE_RECORD = 'dataset_episode';
/** Record of metadata of an imported episode. */
export const IMPORT_RECORD = 'import';
const DESCRIPTION = 'std_msgs/msg/String';
/** Before it clocks are of a simulation. */
const YEAR_2000_NS = 946_684_800_000_000_000n;

type ToldFacts = Partial<Omit<EpisodeFacts, 'id' | 'file'>>;

/** What an exported episode of ours says of itself; a bag that was cut into several says nothing of them. */
export function toldFacts(bag: Bag): ToldFacts {
  const told = toldEpisode(bag);
  if (told === null) return {};
  const { robot, task, text, outcome, governance, lineage, recorded_at } = told;
  return { robot, task, text, outcome, governance, lineage, recorded_at };
}

/** The id that an exported episode had in its dataset. */
export const toldId = (bag: Bag): string | null => toldEpisode(bag)?.id ?? null;

function toldEpisode(bag: Bag): DatasetEpisode | null {
  const json = bag.metadata.get(EPISODE_RECORD)?.json;
  if (json === undefined) return null;
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    content = null;
  }
  const parsed = datasetEpisode.safeParse(content);
  if (!parsed.success) bag.notes.add(`what its record ${EPISODE_RECORD} says cannot be used`);
  return parsed.data ?? null;
}

/** Records of metadata for an imported episode: those of the bag, and where it came from. */
export function episodeMetadata(
  bag: Bag,
  made: {
    readonly codecs: readonly TopicCodec[];
    readonly left_out: readonly { readonly topic: string }[];
    readonly latched: number;
    readonly range: EpisodeRange;
    readonly of: number;
  },
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const { information } = bag;
  const definitions = Object.fromEntries(
    bag.topics.flatMap(({ type }, number) => {
      const codec = made.codecs[number];
      return 'codec' in codec && codec.from !== 'the bag' ? [[type, codec.from]] : [];
    }),
  );
  return new Map([
    ...[...bag.metadata].filter(([name]) => name !== IMPORT_RECORD && name !== EPISODE_RECORD),
    [
      IMPORT_RECORD,
      {
        format: 'rosbag2',
        version: String(information?.version ?? ''),
        storage: information?.storage_identifier ?? '',
        ros_distro: information?.ros_distro ?? '',
        custom_data: JSON.stringify(information?.custom_data ?? {}),
        sources: JSON.stringify(bag.sources),
        messages: `${made.range.from}-${made.range.to - 1} of ${bag.index.messages} in order of log time`,
        repeated_latched: String(made.latched),
        left_out: JSON.stringify(made.left_out),
        /** Types whose definition the bag did not have, and which was taken instead. */
        definitions: JSON.stringify(definitions),
        episodes: String(made.of),
      },
    ],
  ]);
}

/** Name of the robot and its URDF, from `/robot_description`; nothing where an attachment is one already. */
export async function robotOf(
  bag: Bag,
  codecs: readonly TopicCodec[],
): Promise<{ readonly name: string; readonly attachments: readonly BagAttachment[] }> {
  const attached = bag.attachments.find(({ name }) => name.endsWith('.urdf'));
  if (attached !== undefined) return { name: nameOf(Buffer.from(attached.data).toString('utf8')), attachments: [] };
  const topic = bag.topics.findIndex(({ name, type }) => name.endsWith('/robot_description') && type === DESCRIPTION);
  const codec = topic < 0 ? null : codecs[topic];
  if (codec === null || 'unreadable' in codec) return { name: '', attachments: [] };
  for (let k = 0; k < bag.index.messages; k++) {
    if (bag.index.topicOf(k) !== topic) continue;
    const urdf = textOf(codec, (await bag.read(k)).data);
    if (!/<robot[\s>]/.test(urdf)) continue;
    const attachment = { name: 'robot.urdf', media_type: 'application/xml', data: Buffer.from(urdf, 'utf8') };
    return { name: nameOf(urdf), attachments: [attachment] };
  }
  return { name: '', attachments: [] };
}

/** ISO 8601; null for a clock that began at zero. */
export function recordedAt(log_ns: bigint): string | null {
  if (log_ns < YEAR_2000_NS) return null;
  const at = new Date(Number(log_ns / 1_000_000n));
  return at.getUTCFullYear() < 10_000 ? at.toISOString() : null;
}

const nameOf = (urdf: string): string => /<robot[^>]*\sname\s*=\s*["']([^"']{1,100})["']/.exec(urdf)?.[1] ?? '';

function textOf({ codec }: Extract<TopicCodec, { codec: unknown }>, data: Uint8Array): string {
  try {
    return String(codec.decode(data).data);
  } catch (error) {
    if (error instanceof InputError) return '';
    throw error;
  }
}
