import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { McapAttachment } from '../datasets/index.ts';
import { ModelRepository } from '../perception/index.ts';
import { PANDA_URDF, type Robot } from '../robots/index.ts';
import { canonicalJson, type Envelope, envelopeDocument } from '../safety/index.ts';
import type { WorldRecord } from './world_record.ts';

const JSON_TYPE = 'application/json';

/** A document as recordings carry it. */
export function jsonAttachment(name: string, content: object): McapAttachment {
  return { name, media_type: JSON_TYPE, data: Buffer.from(`${canonicalJson(content)}\n`, 'utf8') };
}

/** A robot's description as recordings carry it. */
export function urdfAttachment(robot: string, urdf: string): McapAttachment {
  return { name: `${robot}.urdf`, media_type: 'application/xml', data: Buffer.from(urdf, 'utf8') };
}

/** What every recording of an arm carries of it: its description, and what its gate let through. */
export function armAttachments(robot: string, urdf: string, envelope: Envelope): McapAttachment[] {
  return [urdfAttachment(robot, urdf), jsonAttachment('envelope.json', envelopeDocument(envelope))];
}

/** What one simulated episode was made from, its arm too. */
export function episodeAttachments(robot: Robot, envelope: Envelope, world: WorldRecord): McapAttachment[] {
  const urdf = readFileSync(PANDA_URDF, 'utf8');
  return [...armAttachments(robot.name, urdf, envelope), jsonAttachment('world.json', world)];
}

/**
 * What the episodes of a run have in common: its facts, and the card of the model that it uses where that is pinned.
 * @param model_sha256  empty without a model
 */
export async function runAttachments(facts: object, model_sha256: string): Promise<McapAttachment[]> {
  const run = jsonAttachment('run.json', facts);
  const card = await modelCard(model_sha256);
  return card === null ? [run] : [run, card];
}

async function modelCard(sha256: string): Promise<McapAttachment | null> {
  if (sha256 === '') return null;
  const repository = new ModelRepository();
  const { models } = await repository.lock();
  const pinned = models.find((model) => model.sha256 === sha256);
  // A model of somebody's own is named by its hash in the metadata, and has no card.
  if (pinned === undefined) return null;
  const data = await readFile(repository.manifestFile(pinned.name, pinned.version));
  return { name: `model-${pinned.name}-${pinned.version}.json`, media_type: JSON_TYPE, data };
}
