import { McapIndexedReader, type McapTypes } from '@mcap/core';
import { messageOf, RECORDING_LIMITS, type RecordingFile } from './read_recording_file.ts';
import type { Definitions } from './repair_scan.ts';

/** The summary section of a recording, whose checksum holds. */
export interface SoundSummary {
  readonly definitions: Definitions;
  readonly statistics: McapTypes.Statistics | null;
  readonly chunks: readonly McapTypes.ChunkIndex[];
  readonly metadata: readonly McapTypes.MetadataIndex[];
  readonly attachments: readonly McapTypes.AttachmentIndex[];
}

/** The summary section, or why there is none that can be used: nothing that fails its checksum is. */
export async function soundSummary(
  file: RecordingFile,
): Promise<{ readonly summary: SoundSummary } | { readonly missing: string }> {
  try {
    const reader = await McapIndexedReader.Initialize({
      readable: {
        size: async () => BigInt(file.bytes),
        read: async (offset, length) => {
          if (length > RECORDING_LIMITS.definition_bytes) throw new Error(`a summary of ${length} bytes`);
          return (await file.at(Number(offset), Number(length))).slice();
        },
      },
    });
    const { schemasById, channelsById, statistics, chunkIndexes, metadataIndexes, attachmentIndexes } = reader;
    return {
      summary: {
        definitions: { schemas: new Map(schemasById), channels: new Map(channelsById) },
        statistics: statistics ?? null,
        ...{ chunks: chunkIndexes, metadata: metadataIndexes, attachments: attachmentIndexes },
      },
    };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}
