import type { McapTypes } from '@mcap/core';
import type { BagTopic, SurveyTarget } from './bag_storage.ts';
import { bytesInWords, LIMITS } from './limits.ts';

/** Schemas and channels of an MCAP file, as topics. */
export class McapTopics {
  private readonly schemas = new Map<number, McapTypes.Schema>();
  private readonly channels = new Map<number, BagTopic>();

  has(channel: number): boolean {
    return this.channels.has(channel);
  }

  addSchema(schema: McapTypes.Schema, target: SurveyTarget): void {
    const { id, name, data } = schema;
    if (this.schemas.has(id)) return;
    if (data.length > LIMITS.definition_bytes) {
      target.note(`schema ${name}: has ${bytesInWords(data.length)}, at most ${bytesInWords(LIMITS.definition_bytes)}`);
      this.schemas.set(id, { ...schema, data: new Uint8Array() });
    } else this.schemas.set(id, { ...schema, data: data.slice() });
  }

  addChannel({ id, topic, schemaId, messageEncoding, metadata }: McapTypes.Channel, target: SurveyTarget): void {
    if (this.channels.has(id)) return;
    const schema = this.schemas.get(schemaId);
    if (schema === undefined && schemaId !== 0) target.note(`channel ${topic}: its schema ${schemaId} is not there`);
    const declared: BagTopic = {
      name: topic,
      type: rosName(schema?.name ?? ''),
      serialization: messageEncoding,
      qos: metadata.get('offered_qos_profiles') ?? '',
      type_hash: metadata.get('topic_type_hash') ?? '',
      definition:
        schema === undefined || schema.data.length === 0
          ? null
          : { encoding: schema.encoding, text: Buffer.from(schema.data).toString('utf8') },
    };
    this.channels.set(id, declared);
    target.topic(id, declared);
  }
}

/** Some recorders write `pkg/Name`. */
const rosName = (name: string): string => name.replace(/^(\w+)\/(\w+)$/, '$1/msg/$2');
