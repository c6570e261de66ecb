import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Escalation, type EscalationEnd, InputError, stampToSeconds } from '../../contracts/index.ts';
import type { HeardEscalations } from '../../launch/index.ts';
import { fileAnswer, filedQuestions, QUESTIONS_FOLDER, refusalIn } from '../../stack/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';

const flagsSchema = z.object({
  dir: z.string().optional(),
  namespace: z.string().default(''),
  domainId: z.number().optional(),
  wait: z.number(),
  all: z.boolean().default(false),
  by: z.string().min(1).max(128).optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
});
type Flags = z.infer<typeof flagsSchema>;

/** A question with what is known of it, wherever it came from. */
interface Known {
  readonly question: Omit<Escalation, 'image'>;
  readonly image: () => Uint8Array | null;
  readonly state: 'open' | 'expired' | 'answered' | 'withdrawn';
  readonly end: EscalationEnd | null;
}

export function addEscalations(program: Command): void {
  const verb = program
    .command('escalations')
    .description('What the robot asks people about pictures it is not sure of, and their answers.');
  const add = (command: Command, example: string) =>
    command
      .option('--dir <dir>', 'folder of the run or launch that asks (embedded); by default it is asked over ROS')
      .option('--namespace <name>', 'of the graph, over ROS', '')
      .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
      .option('--wait <s>', 'how long a question is waited for over ROS', numberWithin(0.1, 600), 3)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: surepick escalations ${example}`);
  add(verb.command('list').description('Lists the open questions.'), 'list --dir runs/launch-1')
    .option('--all', 'those that have ended, too')
    .action((raw: unknown) => list(flagsSchema.parse(raw)));
  add(verb.command('show').description('Shows one question and writes its picture.'), 'show overview-1200-0')
    .argument('<id>', 'the question, as list names it')
    .option('--out <file>', 'where the picture goes (default: ID.png in the working folder)')
    .action((id: string, raw: unknown) => show(id, flagsSchema.parse(raw)));
  add(
    verb.command('answer').description('Answers one question; exit code 1 if the answer is refused.'),
    'answer overview-1200-0 "red box" --by ada',
  )
    .argument('<id>', 'the question, as list names it')
    .argument('<answer>', 'one of its options; skip: leave the object alone')
    .option('--by <name>', 'who answers (default: the user of this machine)')
    .action((id: string, answer: string, raw: unknown) => reply(id, answer, flagsSchema.parse(raw)));
}

async function list(flags: Flags): Promise<void> {
  const known = (await questionsOf(flags)).filter(({ state }) => flags.all || state === 'open');
  const table = new Table({
    head: ['question', 'asked at', 'until', 'state', 'options'],
    style: { head: [], border: [] },
  });
  for (const { question, state, end } of known) {
    const told = end === null || end.answer === '' ? state : `${state}: ${plain(end.answer)} by ${plain(end.by)}`;
    const times = [question.stamp_ns, question.expires_ns].map((stamp) => `${stampToSeconds(stamp).toFixed(1)} s`);
    table.push([plain(question.id), ...times, told, question.options.map(plain).join(', ')]);
  }
  say(known.length === 0 ? 'nobody is asked anything' : table.toString());
  if (flags.json) emitJson('escalations', { action: 'list', questions: known.map(fieldsOf) });
}

const NO_PICTURE = 'there is no picture: none was sent, or the question has ended and it was removed';

async function show(id: string, flags: Flags): Promise<void> {
  const known = find(await questionsOf(flags), id);
  const { question } = known;
  const image = known.image();
  const file = flags.out ?? `${question.id.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}.${question.image_format || 'png'}`;
  if (image !== null) writePicture(file, image);
  else if (flags.out !== undefined) throw new InputError(`--out ${file}`, NO_PICTURE);
  const [left, top, width, height] = question.image_box;
  say(`${plain(question.question)} Answer one of: ${question.options.map(plain).join(', ')}`);
  say(
    `${known.state}, until ${stampToSeconds(question.expires_ns).toFixed(1)} s; asked by ${plain(question.asked_by)}`,
  );
  say(`picture ${plain(question.request_id)}, SHA-256 ${question.frame_sha256}, seen by ${plain(question.model)}`);
  say(image === null ? 'no picture was sent' : `picture: ${file}, box ${left}, ${top}, ${width} x ${height} pixels`);
  const picture = image === null ? null : file;
  if (flags.json) emitJson('escalations', { action: 'show', ...fieldsOf(known), picture });
}

async function reply(id: string, answer: string, flags: Flags): Promise<void> {
  const by = flags.by ?? userInfo().username;
  const end =
    flags.dir === undefined
      ? await replyOverRos(id, answer, by, flags)
      : await replyIn(flags.dir, id, answer, by, flags);
  const taken = end !== null && end.end === 'answered';
  if (end === null) say('nobody has said whether the answer was taken; is the graph still running?');
  else if (taken) say(`answered: ${plain(end.answer)} by ${plain(end.by)}`);
  else say(`error: ${end.end}: ${plain(end.reason)}`);
  const { end: how = 'unknown', reason = '' } = end ?? {};
  if (flags.json) emitJson('escalations', { action: 'answer', id, answer, by, taken, end: how, reason });
  if (!taken) process.exitCode = 1;
}

async function replyOverRos(id: string, answer: string, by: string, flags: Flags): Promise<EscalationEnd | null> {
  const { end } = await overRos(flags, { id, answer, by });
  return end;
}

/** Leaves the answer in the folder and waits for what is said of it. */
async function replyIn(
  dir: string,
  id: string,
  answer: string,
  by: string,
  { wait }: Flags,
): Promise<EscalationEnd | null> {
  const folder = folderOf(dir);
  const { question } = find(knownIn(folder), id);
  const { frame_sha256, model, stamp_ns } = question;
  fileAnswer(folder, { id, stamp_ns, answer, by, frame_sha256, model });
  for (let waited_ms = 0; waited_ms < 1000 * Math.max(wait, 5); waited_ms += 50) {
    const refused = refusalIn(folder, id);
    if (refused !== null) return refused;
    const { end } = find(knownIn(folder), id);
    if (end !== null) return end;
    await pause(50);
  }
  return null;
}

async function questionsOf(flags: Flags): Promise<readonly Known[]> {
  if (flags.dir !== undefined) return knownIn(folderOf(flags.dir));
  const { questions, ends, now_ns } = await overRos(flags, null);
  return questions.map((question) => {
    const end = ends.findLast((one) => one.id === question.id && one.end !== 'refused') ?? null;
    const state = end !== null && end.end !== 'refused' ? end.end : now_ns > question.expires_ns ? 'expired' : 'open';
    return { question, image: () => (question.image.length === 0 ? null : question.image), state, end };
  });
}

function knownIn(folder: string): Known[] {
  return filedQuestions(folder).map(({ question, picture, end }) => ({
    question,
    image: () => (picture !== null && existsSync(picture) ? readFileSync(picture) : null),
    state: end === null || end.end === 'refused' ? 'open' : end.end,
    end,
  }));
}

/** The folder itself, or that of the run it belongs to. */
function folderOf(dir: string): string {
  const inner = join(dir, QUESTIONS_FOLDER);
  if (existsSync(inner)) return inner;
  if (existsSync(dir) && statSync(dir).isDirectory()) return dir;
  throw new InputError(`--dir ${dir}`, 'must be the folder of a run or launch that asks');
}

/** What it needs is only loaded when ROS is asked. */
async function overRos(
  flags: Flags,
  answer: { readonly id: string; readonly answer: string; readonly by: string } | null,
): Promise<HeardEscalations> {
  const { findRos, rosEnvironment } = await import('../../ros/index.ts');
  const ros = findRos();
  if ('missing' in ros)
    throw new InputError('escalations over ROS', `${ros.missing}; an embedded run is asked by --dir`);
  const { namespace, domainId, wait } = flags;
  const { escalationsOverRos } = await import('../../launch/index.ts');
  return escalationsOverRos({
    ...{ namespace, domain_id: domainId ?? null, ros_env: rosEnvironment(ros), wait_s: wait, answer },
  });
}

function find(known: readonly Known[], id: string): Known {
  const found = known.find(({ question }) => question.id === id);
  if (found !== undefined) return found;
  const ids = known.map(({ question }) => question.id).join(', ');
  throw new InputError(`question ${id}`, `one of: ${ids || 'none is asked'}`);
}

function fieldsOf({ question, state, end }: Known): object {
  const { stamp_ns, expires_ns, ...rest } = question;
  const { image: _image, ...told } = { image: null, ...rest };
  const times = { asked_s: stampToSeconds(stamp_ns), expires_s: stampToSeconds(expires_ns) };
  return { ...told, ...times, state, answer: end?.answer ?? '', by: end?.by ?? '', reason: end?.reason ?? '' };
}

function writePicture(file: string, image: Uint8Array): void {
  try {
    writeFileSync(file, image);
  } catch (cause) {
    throw new InputError(`--out ${file}`, `cannot be written (${cause instanceof Error ? cause.message : cause})`, {
      cause,
    });
  }
}

/** What came over a network must not move the cursor of a terminal. */
function plain(told: string): string {
  return told.replace(/\p{C}/gu, '?');
}
