import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { initTls, teleopConfigFolder } from '../../teleop/index.ts';
import { emitJson, say } from '../common.ts';

const flagsSchema = z.object({
  host: z.array(z.string()).default([]),
  out: z.string().optional(),
  force: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `surepick teleop tls`: certificates for use over a network. */
export function addTeleopTls(teleop: Command): void {
  teleop
    .command('tls')
    .description('Certificates of the web view, for use over a network.')
    .addHelpText('after', '\nExample: surepick teleop tls init --host cell-3.example.org')
    .command('init')
    .description('Makes a local certification authority and a certificate of this machine, for 397 days.')
    .option('--host <name...>', 'names and addresses by which this machine is reached (default: its host name)')
    .option('--out <dir>', 'folder for the files (default: teleop/tls in the configuration of the user)')
    .option('--force', 'replace what is there; the authority is kept where it is good for the names')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick teleop tls init --host cell-3.example.org 10.0.0.7')
    .action(async (raw: unknown) => {
      const { host, out, force, json } = flagsSchema.parse(raw);
      const folder = resolve(out ?? join(teleopConfigFolder(process.env), 'tls'));
      const made = await initTls({ hosts: host, folder, force, now: () => Date.now(), random: randomBytes });
      say(howToTrust(made));
      if (json) emitJson('teleop-tls', { ...made });
    });
}

function howToTrust({
  names,
  ca,
  cert,
  key,
  ca_fingerprint,
  same_ca,
  expires_at,
}: Awaited<ReturnType<typeof initTls>>) {
  const trust = [
    `Copy ${ca} (never the .key files) to each device that opens the web view, compare the`,
    `fingerprint ${ca_fingerprint}, and trust it:`,
    '  Linux, Chrome   settings, privacy and security, security, manage certificates, authorities, import',
    '  Firefox         settings, privacy and security, certificates, view certificates, authorities, import',
    '  macOS           keychain access, system, drop the file, open it, trust, SSL: always',
    '  Windows         open the file, install certificate, trusted root certification authorities',
    '  iPad            open the file, settings, profile downloaded, install; then general, about, certificate trust',
    '  Android tablet  settings, security, encryption and credentials, install a certificate, CA certificate',
  ];
  return [
    `certificate for ${names.join(', ')} until ${expires_at.slice(0, 10)}`,
    ...(same_ca ? ['the authority is the one of before: devices that trust it need nothing'] : trust),
    `then: surepick teleop --host ${names.at(-1)} --cert ${cert} --key ${key}`,
  ].join('\n');
}
