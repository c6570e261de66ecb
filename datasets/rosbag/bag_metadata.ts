import { closeSync, openSync, readSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { bytesInWords, LIMITS } from './limits.ts';

const natural = z
  .union([z.bigint(), z.number().int()])
  .transform(BigInt)
  .refine((value) => value >= 0n, 'must not be negative');
const count = natural.transform(Number);
const text = z.string().max(4096);
const qosProfile = z.record(z.string(), z.unknown());
const topic = z.object({
  topic_metadata: z.object({
    name: text,
    type: text,
    serialization_format: text,
    /** YAML within YAML until version 8, from 9 on a list. */
    offered_qos_profiles: z.union([z.string(), z.array(qosProfile), z.null()]).optional(),
    type_description_hash: text.optional(),
  }),
  message_count: count,
});

/** What rosbag2 says of a bag; versions 1 to 9 differ in what is left out. */
const information = z.object({
  version: count,
  storage_identifier: text.default(''),
  relative_file_paths: z.array(text).max(LIMITS.files).default([]),
  message_count: count.default(0),
  topics_with_message_count: z.array(topic).max(LIMITS.topics).default([]),
  compression_format: text.default(''),
  compression_mode: z
    .string()
    .default('')
    .transform((mode) => mode.toLowerCase())
    .pipe(z.enum(['', 'none', 'file', 'message', 'storage'])),
  custom_data: z.union([z.record(z.string(), z.string()), z.null()]).optional(),
  ros_distro: text.default(''),
});
export type BagInformation = Readonly<z.infer<typeof information>>;

const NEWEST = 9;

/** Reads a bag's `metadata.yaml`. Throws an InputError that names the field for what cannot be used. */
export function readBagInformation(file: string): BagInformation {
  const descriptor = openSync(file, 'r');
  try {
    const block = Buffer.alloc(LIMITS.metadata_bytes + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, block, length, block.length - length, null);
      length += read;
      if (length > LIMITS.metadata_bytes) {
        throw new InputError(`bag ${file}`, `has more than ${bytesInWords(LIMITS.metadata_bytes)}, which no bag needs`);
      }
      if (read === 0) break;
    }
    return parseBagInformation(block.toString('utf8', 0, length), file);
  } finally {
    closeSync(descriptor);
  }
}

/** The same from its text, as files of a bag carry it too: there without the outermost key. */
export function parseBagInformation(yaml: string, what: string): BagInformation {
  const content = parseYaml(yaml, what);
  const outer = z.object({ rosbag2_bagfile_information: z.unknown() }).safeParse(content);
  const parsed = information.safeParse(outer.success ? outer.data.rosbag2_bagfile_information : content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`bag ${what}: ${issue.path.join('.') || 'rosbag2_bagfile_information'}`, issue.message);
  }
  if (parsed.data.version > NEWEST) {
    throw new InputError(
      `bag ${what}: version ${parsed.data.version}`,
      `1 to ${NEWEST} can be read; convert it with ros2 bag convert`,
    );
  }
  return parsed.data;
}

/** YAML of a bag: no more aliases than a recorder writes, numbers of 64 bits whole. */
export function parseYaml(yaml: string, what: string): unknown {
  try {
    return parse(yaml, { intAsBigInt: true, maxAliasCount: 100, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`bag ${what}`, `is no YAML that can be read (${reason})`, { cause: error });
  }
}
