import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, ownModelsFolder, PACKAGE_ROOT } from '../../contracts/index.ts';
import {
  type AutonomyLevel,
  documentHash,
  documentOf,
  type Envelope,
  envelopeDocument,
  type ThingDocument,
  type Wanted,
} from '../../safety/index.ts';
import type { Cell } from '../graph.ts';
import { YamlFile } from '../yaml_file.ts';

const MODELS = join(PACKAGE_ROOT, 'models');
/** Name and version, with nothing in them that leads out of their folder. */
const OWN_REFERENCE = /^[a-z0-9][a-z0-9_-]*@[0-9][0-9a-z.-]*$/;
const lockFile = z.object({ models: z.array(z.object({ name: z.string(), version: z.string() })) });
/** Of a file of masks, the network that finds people. */
const masksFile = z.looseObject({ people: z.looseObject({ model: z.string().min(1) }).nullish() });
const manifest = z.object({ training: z.object({ command: z.string(), data_sha256: z.string() }).partial() });

/** Everything of a cell that must be approved before a real arm moves: its envelope, autonomy, networks and data outlets. */
export function wantedOf(
  { nodes, programs }: Pick<Cell, 'nodes' | 'programs'>,
  envelope: Envelope,
  level: AutonomyLevel,
): Wanted[] {
  return [
    { what: 'envelope', document: envelopeDocument(envelope) },
    { what: 'autonomy', document: documentOf({ schema: 'surepick.autonomy', version: 1, level }) },
    ...nodes.flatMap(({ name, parameters, kind }) => [
      ...modelsOf(name, parameters, kind === 'perception' ? 'vision' : ''),
      ...(kind === 'recorder' ? recorderOutlet(name, parameters) : []),
    ]),
    // A program beside the nodes may send anything anywhere.
    ...programs.map(({ name, command }) =>
      outlet(name, `program ${command[0]}`, documentHash({ command: [...command] })),
    ),
  ];
}

/** Where a recorder writes. Pictures that are no longer masked, or less of them, are another outlet. */
function recorderOutlet(node: string, { folder, masks }: Readonly<Record<string, unknown>>): Wanted[] {
  const told = `recorder ${folder ?? 'runs'}`;
  if (typeof masks !== 'string' || masks === '') return [outlet(node, told, '')];
  const sha256 = createHash('sha256').update(readFile(masks)).digest('hex');
  const { people } = YamlFile.read(masks).as(masksFile);
  const detector =
    people == null ? [] : modelsOf(`${node}_people`, { model: resolve(dirname(masks), people.model) }, '');
  return [outlet(node, `${told}, masked by ${masks}`, sha256), ...detector];
}

function outlet(name: string, told: string, sha256: string): Wanted {
  return thing('outlet', name, told, sha256);
}

function thing(kind: 'model' | 'training_data' | 'outlet', name: string, told: string, sha256: string): Wanted {
  const document: ThingDocument = { schema: `surepick.${kind}`, version: 1, told, sha256 };
  return { what: `${kind}/${name}`, document: documentOf(document) };
}

/** The network a node loads, by the bytes of its file now, and what it was trained with, where its manifest says that. */
function modelsOf(node: string, { model }: Readonly<Record<string, unknown>>, usual: string): Wanted[] {
  const reference = typeof model === 'string' ? model : usual;
  if (reference === '') return [];
  const file = modelFile(reference);
  if (file === null) return [thing('model', node, reference, '')];
  const bytes = readFile(file);
  const beside = join(file, '..', 'manifest.json');
  const described = existsSync(beside) ? readFile(beside) : null;
  // How pictures are put before the network and its outputs are read stands in the manifest: another one is another model.
  const by = described === null ? '' : `, manifest ${hashOf(described)}`;
  const found = [thing('model', node, `${reference}, ${bytes.length} bytes${by}`, hashOf(bytes))];
  if (described === null) return found;
  const { data } = manifest.safeParse(JSON.parse(described.toString('utf8')));
  if (data?.training.data_sha256 === undefined) return found;
  return [...found, thing('training_data', node, data.training.command ?? reference, data.training.data_sha256)];
}

/** Where the network of a reference lies; null for what has none. As perception finds it. */
function modelFile(reference: string): string | null {
  if (reference === 'classical') return null;
  if (reference.endsWith('.onnx') || reference.includes('/') || reference.includes('\\')) return reference;
  const [name, wanted] = reference.split('@');
  const { models } = lockFile.parse(JSON.parse(readFile(join(MODELS, 'lock.json')).toString('utf8')));
  const version = wanted ?? models.filter((one) => one.name === name).at(-1)?.version;
  if (models.some((one) => one.name === name && one.version === version))
    return join(MODELS, name, version, 'model.onnx');
  const own = join(ownModelsFolder(process.env), name, version ?? '', 'model.onnx');
  if (OWN_REFERENCE.test(reference) && existsSync(own)) return own;
  throw new InputError(
    `model ${reference}`,
    `must be in models/lock.json, a file, or NAME@VERSION of your own: ${own}`,
  );
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new InputError(file, 'must be a file that can be read, so that it can be approved', { cause });
  }
}
