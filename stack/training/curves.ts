import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

const whole = z.number().int().nonnegative();
const lossPoint = z.strictObject({ segment: whole, step: whole, training: z.number(), held_out: z.number() });
const successPoint = z.strictObject({
  ...{ segment: whole, step: whole, episodes: whole, successes: whole },
  wilson95: z.tuple([z.number(), z.number()]).readonly(),
});
const curves = z.strictObject({
  schema: z.literal('surepick.training_curves'),
  version: z.literal(1),
  command: z.string(),
  loss: z.array(lossPoint),
  success: z.array(successPoint),
});
export type LossPoint = Readonly<z.infer<typeof lossPoint>>;
export type SuccessPoint = Readonly<z.infer<typeof successPoint>>;
export interface TrainingCurves {
  readonly command: string;
  /** Mean squared errors: mean over the steps since the last point, and on episodes held out; steps within the segment. */
  readonly loss: readonly LossPoint[];
  readonly success: readonly SuccessPoint[];
}

/** Writes curves as JSON, and the page that shows them beside it as .html. */
export async function saveCurves(
  file: string,
  { command, loss, success }: TrainingCurves,
  page: string,
): Promise<void> {
  const document = { schema: 'surepick.training_curves', version: 1, command, loss, success };
  const shown = file.replace(/\.json$/, '.html');
  await writeFile(`${file}.next`, `${JSON.stringify(document)}\n`);
  await writeFile(`${shown}.next`, page);
  await rename(`${file}.next`, file);
  await rename(`${shown}.next`, shown);
}

/** @throws InputError if the file is none of these or of another command */
export async function loadCurves(file: string, command: string): Promise<TrainingCurves> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(`curves ${file}`, 'a file that can be read', { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`curves ${file}`, 'JSON as a training wrote it', { cause });
  }
  const parsed = curves.safeParse(json);
  if (!parsed.success)
    throw new InputError(`curves ${file}: ${parsed.error.issues[0].path.join('.')}`, parsed.error.issues[0].message);
  if (parsed.data.command !== command)
    throw new InputError(`curves ${file} of '${parsed.data.command}'`, `this training is '${command}'`);
  return parsed.data;
}
