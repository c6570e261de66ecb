import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  escalation,
  escalationAnswer,
  escalationEnd,
  InputError,
} from '../../contracts/index.ts';

/** Folder of a run through which people are asked: a file a question, its picture, its answer and its end. */
export const QUESTIONS_FOLDER = 'questions';

const stamp = z
  .string()
  .regex(/^\d+$/, 'must be decimal digits')
  .transform((digits) => BigInt(digits));
const { image: _image, ...asked } = escalation.shape;
const questionFile = z.strictObject({ ...asked, stamp_ns: stamp, expires_ns: stamp });
const answerFile = z.strictObject({ ...escalationAnswer.shape, stamp_ns: stamp });
const endFile = z.strictObject({ ...escalationEnd.shape, stamp_ns: stamp });

/** A question as it lies in a folder, and how it ended; null while it is open. */
export interface FiledQuestion {
  readonly question: Omit<Escalation, 'image'>;
  /** File of the picture; null where none was sent. */
  readonly picture: string | null;
  readonly end: EscalationEnd | null;
}

const LONGEST_BYTES = 1 << 20;
const MOST_FILES = 10_000;

/** Takes away what a folder has of earlier questions, and nothing else. */
export function clearQuestions(folder: string): void {
  if (!existsSync(folder)) return;
  const ours = /\.(?:question\.json|answer\.json|refused\.json|end\.json|png|jpeg)(?:\.part)?$/;
  for (const name of readdirSync(folder)) if (ours.test(name)) rmSync(join(folder, name), { force: true });
}

export function fileQuestion(folder: string, question: Escalation): void {
  const { image, ...rest } = question;
  mkdirSync(folder, { recursive: true });
  if (image.length > 0) writeFileSync(pictureFile(folder, question), image);
  put(join(folder, `${stemOf(question.id)}.question.json`), rest);
}

/** The picture of a question that has ended is taken away: nobody has to see it any more. */
export function fileEnd(folder: string, end: EscalationEnd): void {
  if (end.end !== 'refused')
    for (const format of ['png', 'jpeg']) rmSync(join(folder, `${stemOf(end.id)}.${format}`), { force: true });
  const name = end.end === 'refused' ? 'refused' : 'end';
  put(join(folder, `${stemOf(end.id)}.${name}.json`), end);
}

/** Leaves an answer for whoever asks, and takes away what was told of an earlier one. */
export function fileAnswer(folder: string, answer: EscalationAnswer): void {
  rmSync(join(folder, `${stemOf(answer.id)}.refused.json`), { force: true });
  put(join(folder, `${stemOf(answer.id)}.answer.json`), answer);
}

/** Takes the answers that were left, each once. What cannot be read is told and taken away. */
export function takeAnswers(folder: string, onBad: (reason: string) => void): EscalationAnswer[] {
  return names(folder, '.answer.json').flatMap((name) => {
    const file = join(folder, name);
    try {
      return [read(file, answerFile)];
    } catch (error) {
      onBad(error instanceof Error ? error.message : String(error));
      return [];
    } finally {
      rmSync(file, { force: true });
    }
  });
}

/** Why the newest answer to a question was refused; null if none was. */
export function refusalIn(folder: string, id: string): EscalationEnd | null {
  return readIfThere(join(folder, `${stemOf(id)}.refused.json`), endFile);
}

/** The questions of a folder in order of their time. Throws InputError for a folder that is none, or a damaged file. */
export function filedQuestions(folder: string): FiledQuestion[] {
  if (!existsSync(folder)) throw new InputError(folder, `must be the ${QUESTIONS_FOLDER} folder of a run that asks`);
  return names(folder, '.question.json')
    .map((name) => {
      const question = read(join(folder, name), questionFile);
      const end = readIfThere(join(folder, `${stemOf(question.id)}.end.json`), endFile);
      return { question, picture: question.image_format === '' ? null : pictureFile(folder, question), end };
    })
    .sort((a, b) => (a.question.stamp_ns < b.question.stamp_ns ? -1 : 1));
}

/** Other signs than letters, digits, points and dashes are none of a file's name. */
const stemOf = (id: string): string => id.replaceAll(/[^A-Za-z0-9_.-]/g, '_');

const pictureFile = (folder: string, { id, image_format }: Pick<Escalation, 'id' | 'image_format'>): string =>
  join(folder, `${stemOf(id)}.${image_format}`);

function names(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .slice(0, MOST_FILES);
}

/** Whole, or not at all. */
function put(file: string, content: object): void {
  const text = JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2);
  writeFileSync(`${file}.part`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

function readIfThere<T>(file: string, schema: z.ZodType<T>): T | null {
  return existsSync(file) ? read(file, schema) : null;
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    if (statSync(file).size > LONGEST_BYTES) throw new Error(`more than ${LONGEST_BYTES} bytes`);
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, `cannot be read (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}
