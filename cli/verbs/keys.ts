import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { KeyStore, keyFolder, readSecretFile, secretOf, writePrivateFile } from '../../safety/index.ts';
import { emitJson, say } from '../common.ts';
import { readJsonFile } from '../json_files.ts';

const flagsSchema = z.object({
  owner: z.string().optional(),
  since: z.iso.datetime().optional(),
  reason: z.string().default('given up by its holder'),
  passphraseFile: z.string().optional(),
  copyPassphraseFile: z.string().optional(),
  out: z.string().optional(),
  json: z.boolean().default(false),
});

/** The keys of this user. */
export function ownKeys(): KeyStore {
  return new KeyStore(keyFolder(process.env));
}

/** The first line of a file that only its owner can read, as a passphrase; empty where no file is named. */
export function passphraseOf(file: string | undefined): string {
  if (file === undefined) return '';
  const where = '--passphrase-file';
  return file === '-' ? secretOf(readFileSync(0, 'utf8'), `${where} -`) : readSecretFile(file, where);
}

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('ed25519 keys of people who approve, and of robots that sign.');
  const verb = (name: string, description: string, example: string): Command =>
    keys
      .command(name)
      .description(description)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  const secret = (command: Command): Command =>
    command.option('--passphrase-file <file>', 'its first line locks and opens the key; - for standard input');
  secret(verb('new', 'Makes a key in a file that only you can read.', 'surepick keys new ada --owner "Ada Lovelace"'))
    .argument('<name>', 'name of the key here')
    .requiredOption('--owner <person>', 'whom it stands for, as in the list of approvers')
    .action((name: string, raw: unknown) => {
      const { owner = '', passphraseFile, json } = flagsSchema.parse(raw);
      const created_at = new Date().toISOString();
      const made = ownKeys().create({ name, owner, created_at, passphrase: passphraseOf(passphraseFile) });
      tellWhere(name);
      if (json) emitJson('keys', { action: 'new', key: made });
      else process.stdout.write(`${made.fingerprint}\n`);
    });
  verb('list', 'Your keys: active, retired and revoked.', 'surepick keys list').action((raw: unknown) => {
    const { json } = flagsSchema.parse(raw);
    const all = ownKeys().list();
    const table = new Table({
      head: ['key', 'owner', 'state', 'made', 'fingerprint'],
      style: { head: [], border: [] },
    });
    for (const { name, owner, state, created_at, fingerprint } of all)
      table.push([name, owner, state, created_at, fingerprint.slice(0, 16)]);
    say(all.length === 0 ? `no keys in ${ownKeys().folder}` : table.toString());
    if (json) emitJson('keys', { action: 'list', keys: all });
  });
  verb('show', 'What is known of one key, without its secret.', 'surepick keys show ada')
    .argument('<name>')
    .action((name: string, raw: unknown) => {
      const shown = ownKeys().show(name);
      if (flagsSchema.parse(raw).json) emitJson('keys', { action: 'show', key: shown });
      else process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    });
  verb(
    'export-public',
    'The public half, to be put into a list of approvers.',
    'surepick keys export-public ada > ada.json',
  )
    .argument('<name>')
    .action((name: string, raw: unknown) => {
      const half = ownKeys().exportPublic(name);
      if (flagsSchema.parse(raw).json) emitJson('keys', { action: 'export-public', ...half });
      else process.stdout.write(`${JSON.stringify(half, null, 2)}\n`);
    });
  secret(
    verb(
      'export',
      'A locked copy of a key, to be kept offline; its passphrase is kept elsewhere.',
      'surepick keys export ada --out ada.backup.json --copy-passphrase-file words.txt',
    ),
  )
    .argument('<name>')
    .requiredOption('--out <file>', 'a file that is not there yet')
    .requiredOption('--copy-passphrase-file <file>', 'its first line locks the copy')
    .action((name: string, raw: unknown) => {
      const { out = '', copyPassphraseFile, passphraseFile, json } = flagsSchema.parse(raw);
      const copy = ownKeys().exportLocked(name, passphraseOf(copyPassphraseFile), passphraseOf(passphraseFile));
      writePrivateFile(out, `${JSON.stringify(copy, null, 2)}\n`);
      say(`${out} is the key ${name}, locked; surepick keys restore ${out} puts it back`);
      if (json) emitJson('keys', { action: 'export', name, out });
    });
  secret(verb('restore', 'Puts a copy of a key back, locked as it is.', 'surepick keys restore ada.backup.json'))
    .argument('<file>', 'what surepick keys export wrote')
    .action((file: string, raw: unknown) => {
      const { passphraseFile, json } = flagsSchema.parse(raw);
      const restored = ownKeys().restore(readJsonFile(file, z.unknown()), file, passphraseOf(passphraseFile));
      say(`key ${restored.name} of ${restored.owner} is back; it is opened with the passphrase of the copy`);
      if (json) emitJson('keys', { action: 'restore', key: restored });
    });
  secret(verb('rotate', 'A new key in the place of one, which is kept as retired.', 'surepick keys rotate ada'))
    .argument('<name>')
    .action((name: string, raw: unknown) => {
      const { passphraseFile, json } = flagsSchema.parse(raw);
      const { now, before } = ownKeys().rotate(name, new Date().toISOString(), passphraseOf(passphraseFile));
      tellWhere(name);
      say(`the old key is ${before.name}: sign the changed list of approvers with it, then revoke it`);
      if (json) emitJson('keys', { action: 'rotate', key: now, before });
    });
  secret(verb('revoke', 'Gives a key up for good.', 'surepick keys revoke ada --reason "lost with a laptop"'))
    .argument('<name>')
    .option('--since <time>', 'what it signed from then on falls too (ISO 8601, UTC; default: now)')
    .option('--reason <text>', 'why, for whoever reads it')
    .action((name: string, raw: unknown) => {
      const { since, reason, passphraseFile, json } = flagsSchema.parse(raw);
      const signed = ownKeys().revoke(name, since ?? new Date().toISOString(), reason, passphraseOf(passphraseFile));
      say(`put ${join(ownKeys().folder, `${name}.revocation.json`)} into the folder of approvals of every arm`);
      if (json) emitJson('keys', { action: 'revoke', ...signed });
    });
}

function tellWhere(name: string): void {
  say(
    `key ${name} is ${join(ownKeys().folder, `${name}.key.json`)}: keep a copy offline, as on paper or a stick in a safe;`,
  );
  say('who has the file, and its passphrase if it has one, can sign in your name');
}
