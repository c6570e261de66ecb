import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { type ColourImage, InputError } from '../contracts/index.ts';
import { type MaskRules, type PeopleDetector, type PersonArea, PictureMasker } from '../datasets/index.ts';
import { type Inference, openSession } from '../perception/index.ts';

const size = z.int().min(1).max(8192);

/** What a user's network takes and gives; it lies beside the ONNX file as NAME.json, or as manifest.json. */
export const peopleManifest = z.strictObject({
  schema: z.literal('surepick/people-detector'),
  version: z.literal(1),
  name: z.string().min(1).max(100),
  /** Of the ONNX file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** float32; the picture is stretched to its size, each channel made (value·scale − mean) / std. */
  input: z.strictObject({
    name: z.string(),
    layout: z.enum(['nchw', 'nhwc']),
    width: size,
    height: size,
    channels: z.enum(['rgb', 'bgr']).default('rgb'),
    scale: z.number().default(1 / 255),
    mean: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default([1, 1, 1]),
  }),
  output: z.discriminatedUnion('kind', [
    /** [1, n, k] or with `columns` [1, k, n]: boxes in pixels of the input, a score, and where `class_at` is told, a class. */
    z.strictObject({
      ...{ kind: z.literal('boxes'), name: z.string(), shape: z.array(z.int().positive()).length(3) },
      layout: z.enum(['rows', 'columns']).default('rows'),
      box: z.enum(['xyxy', 'cxcywh']),
      score_at: z.int().min(4),
      class_at: z.int().min(4).nullable().default(null),
      person_class: z.int().nonnegative().default(0),
    }),
    /** [1, 1, height, width]: how sure it is that a person is there, 0 to 1. */
    z.strictObject({ kind: z.literal('mask'), name: z.string(), shape: z.array(z.int().positive()).length(4) }),
  ]),
});
export type PeopleManifest = z.infer<typeof peopleManifest>;

/** What masks a recording by these rules; the detector is loaded once it is first needed. */
export function createPictureMask(rules: MaskRules): PictureMasker {
  return new PictureMasker(rules, rules.people === null ? null : new LatePeopleDetector(rules.people));
}

/** Loads what rules need, and lets it go. Throws an InputError for what cannot be used. */
export async function checkMaskRules({ people }: MaskRules): Promise<void> {
  if (people === null) return;
  const { runtime } = await openPeopleModel(people.model);
  await runtime.release();
}

class LatePeopleDetector implements PeopleDetector {
  readonly told: string;
  private readonly people: NonNullable<MaskRules['people']>;

  constructor(people: NonNullable<MaskRules['people']>) {
    this.people = people;
    this.told = `${basename(people.model)} (${hashTold(people.model)})`;
  }

  async detect(image: ColourImage): Promise<readonly PersonArea[]> {
    const { runtime, manifest } = await openOnce(this.people.model);
    const input = await inputOf(image, manifest.input);
    const areas = await inTurn(this.people.model, async () => {
      const given = await runtime.run({ [manifest.input.name]: input });
      return areasOf(given[manifest.output.name], manifest, this.people.score);
    });
    const [sx, sy] = [image.width / manifest.input.width, image.height / manifest.input.height];
    return areas.map(({ x, y, width, height }) => ({ x: x * sx, y: y * sy, width: width * sx, height: height * sy }));
  }
}

/** SHA-256 of a network as its manifest has it, which is held against the file before it is used. */
function hashTold(file: string): string {
  try {
    return `SHA-256 ${readManifest(file).sha256}`;
  } catch {
    return 'which cannot be read';
  }
}

const opened = new Map<string, Promise<OpenedPeopleModel>>();

/** One session a process: every episode has a mask of its own. What failed is tried again. */
function openOnce(file: string): Promise<OpenedPeopleModel> {
  const known = opened.get(file);
  if (known !== undefined) return known;
  const fresh = openPeopleModel(file);
  opened.set(file, fresh);
  fresh.catch(() => opened.delete(file));
  return fresh;
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other: what a run of a model gives is valid until its next one, and several recordings share it. */
function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(file) ?? Promise.resolve()).then(work);
  turns.set(
    file,
    turn.catch(() => {}),
  );
  return turn;
}

interface OpenedPeopleModel {
  readonly runtime: Inference;
  readonly manifest: PeopleManifest;
}

/** Opens a network with its manifest. Throws an InputError for one of another hash, or with other inputs and outputs. */
async function openPeopleModel(file: string): Promise<OpenedPeopleModel> {
  const bytes = read(file);
  const manifest = readManifest(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== manifest.sha256)
    throw new InputError(`people detector ${file} of hash ${found}`, `its manifest says ${manifest.sha256}`);
  const { input, output } = manifest;
  const { width, height } = input;
  const shape = input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const spec = {
    inputs: [{ name: input.name, type: 'float32' as const, shape }],
    outputs: [{ name: output.name, type: 'float32' as const, shape: output.shape }],
  };
  return { runtime: await openSession(bytes, spec, `people detector ${file}`), manifest };
}

function readManifest(file: string): PeopleManifest {
  const own = file.replace(/\.onnx$/i, '.json');
  const beside = join(dirname(file), 'manifest.json');
  let [where, text] = [own, ''];
  try {
    text = read(own).toString('utf8');
  } catch {
    where = beside;
    text = read(beside).toString('utf8');
  }
  const parsed = peopleManifest.safeParse(parseJson(text, where));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${where}: ${issue.path.join('.') || 'manifest'}`, issue.message);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new InputError(`people detector ${file}`, 'must be a file that can be read, with its manifest', { cause });
  }
}

async function inputOf({ width, height, data }: ColourImage, input: PeopleManifest['input']): Promise<Float32Array> {
  const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(input.width, input.height, { fit: 'fill' })
    .raw()
    .toBuffer();
  const count = input.width * input.height;
  const values = new Float32Array(3 * count);
  for (let k = 0; k < count; k++)
    for (let c = 0; c < 3; c++) {
      const from = 3 * k + (input.channels === 'rgb' ? c : 2 - c);
      const to = input.layout === 'nchw' ? c * count + k : 3 * k + c;
      values[to] = (pixels[from] * input.scale - input.mean[c]) / input.std[c];
    }
  return values;
}

/** In pixels of the network's input. */
function areasOf(given: Float32Array, { input, output }: PeopleManifest, least: number): PersonArea[] {
  const areas: PersonArea[] = [];
  if (output.kind === 'mask') {
    const [, , rows, columns] = output.shape;
    const [width, height] = [input.width / columns, input.height / rows];
    for (let k = 0; k < rows * columns; k++)
      if (given[k] >= least)
        areas.push({ x: (k % columns) * width, y: Math.floor(k / columns) * height, width, height });
    return areas;
  }
  const { shape, layout, box, score_at, class_at, person_class } = output;
  const [count, fields] = layout === 'rows' ? [shape[1], shape[2]] : [shape[2], shape[1]];
  const at = (k: number, field: number) => given[layout === 'rows' ? k * fields + field : field * count + k];
  for (let k = 0; k < count; k++) {
    if (at(k, score_at) < least || (class_at !== null && Math.round(at(k, class_at)) !== person_class)) continue;
    const [a, b, c, d] = [at(k, 0), at(k, 1), at(k, 2), at(k, 3)];
    areas.push(
      box === 'xyxy'
        ? { x: a, y: b, width: c - a, height: d - b }
        : { x: a - c / 2, y: b - d / 2, width: c, height: d },
    );
  }
  return areas;
}
