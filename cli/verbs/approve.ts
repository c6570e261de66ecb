import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  type ApprovalRequest,
  approvalFileName,
  type KeyStore,
  parseRequest,
  signApproval,
  subjectDifference,
} from '../../safety/index.ts';
import { emitJson, say } from '../common.ts';
import { readJsonFile, writeJsonFile } from '../json_files.ts';
import { ownKeys, passphraseOf } from './keys.ts';

const flagsSchema = z.object({
  key: z.string().optional(),
  out: z.string().optional(),
  passphraseFile: z.string().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
});

const EXAMPLE = `
Shows what would change and signs it, on your own machine: nothing but the file with the signature has to go back, into the
folder that the supervisor was started with (--approvals). It takes effect at the supervisor's next reset.

Example: surepick approve envelope-3f2a.request.json --key ada`;

export function addApprove(program: Command): void {
  program
    .command('approve')
    .description('Shows what a request would change on an arm, and signs it with a key of yours.')
    .argument('<request>', 'file that the supervisor wrote')
    .option('--key <name>', 'key to sign with (default: the only active one)')
    .option('--out <dir>', 'folder for the signature (default: beside the request)')
    .option('--passphrase-file <file>', 'its first line opens the key; - for standard input')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', EXAMPLE)
    .action((file: string, raw: unknown) => approve(file, flagsSchema.parse(raw)));
}

async function approve(file: string, flags: z.infer<typeof flagsSchema>): Promise<void> {
  const request = parseRequest(readJsonFile(file, z.json()), file);
  const { statement } = request;
  if (Date.parse(statement.until) <= Date.now())
    throw new InputError(`${file}: until ${statement.until}`, 'must not be over; let the supervisor ask again');
  say(shown(request));
  const key = keyOf(ownKeys(), flags);
  if (!flags.yes && !(await isAgreed(`Sign as ${key.owner}, ${key.fingerprint.slice(0, 16)}?`))) {
    say('not signed');
    process.exitCode = 130;
    return;
  }
  const approval = signApproval(request, key);
  const out = join(resolve(flags.out ?? dirname(file)), approvalFileName(approval));
  writeJsonFile(out, approval);
  say(`signed: ${out}`);
  if (flags.json) emitJson('approve', { file: out, owner: key.owner, key: key.fingerprint, statement });
}

/** What changes, field by field, and what is signed. */
function shown({ statement, in_force, proposed }: ApprovalRequest): string {
  const { what, robot, author, reason, from, until } = statement;
  const table = new Table({ head: ['field', 'in force', 'new', ''], style: { head: [], border: [] }, wordWrap: true });
  const { fields, tighter } = subjectDifference(what, in_force, proposed);
  for (const { field, from: old, to, change } of fields) table.push([plain(field), text(old), text(to), change]);
  const head = [
    `${what} of ${plain(robot.name)} ${robot.serial === '' ? '(any serial number)' : plain(robot.serial)}`,
    `asked for by ${plain(author)}: ${plain(reason)}`,
    `from ${from} until ${until}`,
    in_force === null ? 'nothing is in force' : tighter ? 'nothing becomes looser' : 'it becomes looser or other',
  ];
  return `${head.join('\n')}\n${table.toString()}`;
}

function text(value: unknown): string {
  const all = value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
  const shown = plain(all);
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}

/** What a file says must not move the cursor of a terminal. */
function plain(told: string): string {
  return told.replace(/\p{C}/gu, '?');
}

function keyOf(keys: KeyStore, { key, passphraseFile }: z.infer<typeof flagsSchema>) {
  const active = keys.list().filter(({ state }) => state === 'active');
  const name = key ?? (active.length === 1 ? active[0].name : '');
  const names = active.map((one) => one.name).join(', ');
  if (name === '') throw new InputError('--key', names === '' ? 'surepick keys new makes one' : `one of: ${names}`);
  return keys.load(name, passphraseOf(passphraseFile));
}

async function isAgreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new InputError('approve without a terminal', 'nobody can be asked; --yes asks nobody');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
