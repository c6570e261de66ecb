import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { ROLES, teleopConfigFolder, Users } from '../../teleop/index.ts';
import { emitJson, say } from '../common.ts';
import { readPassword } from '../read_password.ts';

const flagsSchema = z.object({ role: z.enum(ROLES).optional(), json: z.boolean().default(false) });

/** `surepick teleop users`: who may log in over a network. */
export function addTeleopUsers(teleop: Command, read: (prompt: string) => Promise<string> = readPassword): void {
  const users = teleop
    .command('users')
    .description('Named users of the web view, for use over a network.')
    .addHelpText('after', '\nExample: surepick teleop users add ada --role operator');
  const verb = (name: string, description: string, example: string): Command =>
    users
      .command(name)
      .description(description)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  const role = () => new Option('--role <role>', 'what the user may do').choices(ROLES);
  verb(
    'add',
    'Adds a user; the password is typed, or read from stdin.',
    'surepick teleop users add ada --role operator',
  )
    .argument('<name>')
    .addOption(role().makeOptionMandatory())
    .action(async (name: string, raw: unknown) => {
      const { role = 'viewer', json } = flagsSchema.parse(raw);
      const kept = opened();
      kept.checkNew(name);
      await kept.add(name, role, await read(`password of ${name}`), new Date().toISOString());
      report('add', kept, json, `${name} may log in as ${role}`);
    });
  verb('passwd', 'Gives a user another password; its sessions end.', 'surepick teleop users passwd ada')
    .argument('<name>')
    .action(async (name: string, raw: unknown) => {
      const kept = opened();
      kept.find(name);
      await kept.setPassword(name, await read(`new password of ${name}`));
      report('passwd', kept, flagsSchema.parse(raw).json, `${name} has another password; its sessions have ended`);
    });
  verb('role', 'Gives a user another role; its sessions end.', 'surepick teleop users role ada --role supervisor')
    .argument('<name>')
    .addOption(role().makeOptionMandatory())
    .action((name: string, raw: unknown) => {
      const { role = 'viewer', json } = flagsSchema.parse(raw);
      const kept = opened();
      kept.setRole(name, role);
      report('role', kept, json, `${name} is ${role}; its sessions have ended`);
    });
  verb('remove', 'Removes a user; its sessions end.', 'surepick teleop users remove ada')
    .argument('<name>')
    .action((name: string, raw: unknown) => {
      const kept = opened();
      kept.remove(name);
      report('remove', kept, flagsSchema.parse(raw).json, `${name} is removed; its sessions have ended`);
    });
  verb('list', 'Users and their roles.', 'surepick teleop users list').action((raw: unknown) => {
    const kept = opened();
    const table = new Table({ head: ['user', 'role', 'added'], style: { head: [], border: [] } });
    for (const { name, role, created_at } of kept.list()) table.push([name, role, created_at]);
    const text = kept.list().length === 0 ? `no users in ${kept.file}` : table.toString();
    report('list', kept, flagsSchema.parse(raw).json, text);
  });
}

function opened(): Users {
  return new Users({ folder: teleopConfigFolder(process.env) });
}

function report(action: string, kept: Users, json: boolean, text: string): void {
  say(text);
  if (json) emitJson('teleop-users', { action, users: kept.list() });
}
