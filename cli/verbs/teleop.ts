import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { findRos, rosEnvironment } from '../../ros/index.ts';
import { LOG_LEVELS } from '../../stack/index.ts';
import {
  decideListening,
  placesOf,
  TABLE_PLACES,
  Teleop,
  type TeleopOptions,
  teleopConfigFolder,
  teleopStateFolder,
  Users,
} from '../../teleop/index.ts';
import { integerFrom, say } from '../common.ts';
import { untilStopped } from '../interrupt.ts';
import { addTeleopTls } from './teleop_tls.ts';
import { addTeleopUsers } from './teleop_users.ts';

const flagsSchema = z.object({
  port: z.number(),
  host: z.string(),
  cert: z.string().optional(),
  key: z.string().optional(),
  bus: z.enum(['embedded', 'ros']),
  graph: z.string(),
  namespace: z.string(),
  domainId: z.number().optional(),
  policy: z.array(z.string()).default([]),
  foxglove: z.boolean().default(false),
  approvals: z.string().optional(),
  approvers: z.string().optional(),
  out: z.string().optional(),
  logLevel: z.enum(LOG_LEVELS),
});
type Flags = z.infer<typeof flagsSchema>;

export function addTeleop(program: Command): void {
  // Options of `teleop tls init` that are called like those of teleop are its own.
  const command = program
    .enablePositionalOptions()
    .command('teleop')
    .enablePositionalOptions()
    .description('Serves the operator’s web view of a simulated cell, or of a running graph; prints its address.')
    .option('--port <p>', 'port to serve at; 0 for any that is free', integerFrom(0, 65_535), 8080)
    .option(
      '--host <host>',
      'address to listen on; any but this machine’s own needs --cert, --key and users',
      'localhost',
    )
    .option('--cert <file>', 'certificate, PEM (surepick teleop tls init makes one)')
    .option('--key <file>', 'its private key, PEM')
    .option(
      '--bus <bus>',
      'embedded: simulate the cell of --graph here; ros: the ROS 2 graph that runs already',
      'embedded',
    )
    .option('--graph <file>', 'cell to simulate', join(PACKAGE_ROOT, 'graphs', 'teleop.yaml'))
    .option('--namespace <name>', 'of the ROS graph, e.g. /cell_1', '')
    .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
    .option('--approvals <dir>', 'folder of requests and signatures: supervisors hand in what was signed elsewhere')
    .option('--approvers <file>', 'list of those who may approve; goes with --approvals')
    .option(
      '--policy <onnx:file>',
      'learned policy that the page can start; with --bus ros one that sees by cameras; again for each further one',
      (given: string, before: readonly string[]) => [...before, given],
      [],
    )
    .option('--foxglove', 'serve the robot’s topics to Foxglove too, read-only, on this machine')
    .option('--out <dir>', 'folder for incidents and the record of deeds (default: runs/teleop-TIME)')
    .option('--log-level <level>', LOG_LEVELS.join(', '), 'warn')
    .addHelpText('after', '\nExample: surepick teleop --port 8080')
    .action(async (raw: unknown) => teleop(flagsSchema.parse(raw)));
  addTeleopUsers(command);
  addTeleopTls(command);
}

async function teleop(flags: Flags): Promise<void> {
  const options = optionsOf(flags);
  await untilStopped(async (signal) => {
    const running = new Teleop(options, {
      onUrl: (url) => {
        process.stdout.write(`${url}\n`);
        say('open it in a browser; Enter prints an address for another one, Ctrl-C stops the arm and ends');
      },
      onNote: say,
    });
    const lines = createInterface({ input: process.stdin });
    lines.on('line', () => running.issueCode());
    try {
      await running.run(signal);
    } finally {
      lines.close();
    }
  });
  process.exitCode = 130;
}

function optionsOf(flags: Flags): TeleopOptions {
  const { port, host, cert, key, foxglove, logLevel: log_level } = flags;
  const config_dir = teleopConfigFolder(process.env);
  const users = new Users({ folder: config_dir }).list().length;
  const files = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  const { served, tls, login } = decideListening({ host, port, ...files, users, now: () => Date.now() });
  const out_dir = resolve(flags.out ?? join('runs', `teleop-${new Date().toISOString().replace(/[:.]/g, '-')}`));
  const state_dir = teleopStateFolder(process.env, port);
  const listening = { host, port, tls, names: served.names, login, config_dir };
  const places = flags.bus === 'embedded' ? placesOf(flags.graph) : TABLE_PLACES;
  return {
    ...listening,
    robot: robotOf(flags),
    places,
    foxglove,
    state_dir,
    out_dir,
    runs_dir: resolve('runs'),
    approvals: approvalsOf(flags),
    log_level,
  };
}

function robotOf({ bus, graph, namespace, domainId, policy }: Flags): TeleopOptions['robot'] {
  if (bus === 'embedded') return { kind: 'simulated', graph, policies: policy.map(fileOf) };
  const ros = findRos();
  if ('missing' in ros) throw new InputError('--bus ros', ros.missing);
  return {
    kind: 'ros',
    namespace,
    domain_id: domainId ?? null,
    env: rosEnvironment(ros),
    policies: policy.map(fileOf),
  };
}

function fileOf(policy: string): string {
  if (!policy.startsWith('onnx:')) throw new InputError(`--policy ${policy}`, 'onnx:FILE');
  return resolve(policy.slice('onnx:'.length));
}

function approvalsOf({ approvals, approvers }: Flags): TeleopOptions['approvals'] {
  if (approvals === undefined && approvers === undefined) return null;
  if (approvals === undefined) throw new InputError('--approvers without --approvals', 'give both');
  if (approvers === undefined) throw new InputError('--approvals without --approvers', 'give both');
  return { folder: resolve(approvals), approvers: resolve(approvers) };
}
