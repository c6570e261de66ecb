import { stringify } from 'yaml';
import type { BagTopic } from '../rosbag/bag_storage.ts';
import { qosOrUsual } from '../rosbag/qos.ts';

/** Version of rosbag2's metadata that is written: that of Jazzy. */
const VERSION = 9;

/** What one file of a bag holds. */
export interface WrittenBag {
  /** Name of the file in the bag's folder. */
  readonly file: string;
  readonly start_ns: bigint;
  readonly end_ns: bigint;
  readonly messages: number;
  readonly topics: readonly { readonly topic: BagTopic; readonly messages: number }[];
  readonly custom_data: Readonly<Record<string, string>>;
}

/** `metadata.yaml` of a rosbag2 folder of one MCAP file, and the text that the file itself carries of it. */
export function bagMetadata(bag: WrittenBag): { readonly folder: string; readonly file: string } {
  const information = informationOf(bag);
  return { folder: yaml({ rosbag2_bagfile_information: information }), file: yaml(information) };
}

function informationOf({ file, start_ns, end_ns, messages, topics, custom_data }: WrittenBag): object {
  const when = {
    duration: { nanoseconds: end_ns - start_ns },
    starting_time: { nanoseconds_since_epoch: start_ns },
    message_count: messages,
  };
  return {
    ...{ version: VERSION, storage_identifier: 'mcap', ...when },
    topics_with_message_count: topics.map(({ topic, messages: count }) => ({
      topic_metadata: {
        name: topic.name,
        type: topic.type,
        serialization_format: topic.serialization,
        offered_qos_profiles: qosOrUsual(topic),
        type_description_hash: topic.type_hash,
      },
      message_count: count,
    })),
    ...{ compression_format: '', compression_mode: '' },
    relative_file_paths: [file],
    files: [{ path: file, ...when }],
    ...{ custom_data, ros_distro: 'jazzy' },
  };
}

/** No aliases and no folded lines: yaml-cpp reads both, people hardly. */
const yaml = (content: object): string => stringify(content, { aliasDuplicateObjects: false, lineWidth: 0 });
