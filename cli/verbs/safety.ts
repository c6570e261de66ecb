import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import {
  type ContactSpeed,
  checkEnvelope,
  type Envelope,
  type EnvelopeReport,
  envelopeForRobot,
  envelopeSchema,
  findingLine,
} from '../../safety/index.ts';
import { emitJson, numberWithin, say } from '../common.ts';
import { readJsonFile } from '../json_files.ts';
import { addSafetyLog } from './safety_log.ts';
import { addSafetyStop } from './safety_stop.ts';

const robotFlags = z.object({
  robot: z.string().optional(),
  package: z.string().optional(),
  json: z.boolean().optional(),
});
const checkFlags = robotFlags.extend({ hz: z.number() });

/** The robot that needs no file. */
const KNOWN = 'panda';

export function addSafety(program: Command): void {
  const safety = program
    .command('safety')
    .description(
      'Stops; envelopes: what one robot may do at one place of work; and what the gate did, from its records.',
    );
  const verb = (name: string, description: string, example: string): Command =>
    safety
      .command(name)
      .description(description)
      .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  verb(
    'check-envelope',
    'Whether a robot can obey an envelope, and why not; exit code 1 if it cannot.',
    'surepick safety check-envelope robots/panda/panda.envelope.json',
  )
    .argument('<file>', 'the envelope, a JSON document')
    .option('--robot <name|file>', "panda, or a URDF file (default: the envelope's robot, if that is panda)")
    .option('--hz <n>', 'cycles of the gate a second', numberWithin(1, 10_000), 500)
    .action((file: string, raw: Record<string, unknown>) => {
      const { robot: spec, package: packageDir, hz, json } = checkFlags.parse(raw);
      const envelope = readJsonFile(file, envelopeSchema);
      if (spec === undefined && envelope.robot !== KNOWN) {
        throw new InputError(`robot ${envelope.robot} of ${file}`, 'say where it is: --robot FILE.urdf');
      }
      const report = checkEnvelope(envelope, robotOf(spec, packageDir), hz);
      if (report.joints.length > 0) say(tableOf(envelope, report));
      if (report.contact !== null) say(contactTable(envelope, report.contact));
      for (const warning of report.warnings) say(`warning: ${findingLine(warning, 'better')}`);
      for (const error of report.errors) say(`error: ${findingLine(error)}`);
      say(verdict(report));
      if (json) emitJson('safety', { action: 'check-envelope', file, ...report });
      if (!report.feasible) process.exitCode = 1;
    });
  verb(
    'default-envelope',
    'The envelope a robot has unless another is given, as a document to start from.',
    'surepick safety default-envelope --robot panda > cell.envelope.json',
  )
    .option('--robot <name|file>', 'panda, or a URDF file', KNOWN)
    .action((raw: Record<string, unknown>) => {
      const { robot: spec, package: packageDir, json } = robotFlags.parse(raw);
      const robot = robotOf(spec, packageDir);
      const envelope = envelopeForRobot(robot);
      if (json) emitJson('safety', { action: 'default-envelope', robot: robot.name, envelope });
      else process.stdout.write(`${JSON.stringify(envelope, null, 2)}\n`);
    });
  addSafetyLog(safety);
  addSafetyStop(safety);
}

function robotOf(spec = KNOWN, packageDir?: string): Robot {
  return loadRobot(spec, { ...(packageDir === undefined ? {} : { packageDir }), visualMeshes: false });
}

function verdict({
  feasible,
  robot,
  hz,
  errors,
  warnings,
  stop_time_s,
  tool_reach_m,
  ...rest
}: EnvelopeReport): string {
  const counts = `${errors.length} errors, ${warnings.length} warnings`;
  if (!feasible) return `infeasible for ${robot} at ${hz} Hz: ${counts}`;
  const speed = rest.stoppable_tool_speed_m_per_s;
  return (
    `feasible for ${robot} at ${hz} Hz: ${counts}; longest stop ${fixed(stop_time_s, 3)} s, ` +
    `tool reach ${fixed(tool_reach_m, 3)} m${speed === null ? '' : `, tool stops from ${fixed(speed, 2)} m/s`}`
  );
}

function tableOf(envelope: Envelope, { joints }: EnvelopeReport): string {
  const table = new Table({
    head: ['joint', 'rad', 'rad/s', 'rad/s²', 'rad/s³', 'Nm', 'stop s', 'stop rad', 'usable rad/s', 'hold Nm'],
    style: { head: [], border: [] },
  });
  joints.forEach((stop, i) => {
    const limits = envelope.joints[i];
    table.push([
      stop.name,
      `${fixed(limits.position_lower_rad, 3)} … ${fixed(limits.position_upper_rad, 3)}`,
      fixed(limits.velocity_rad_per_s, 3),
      fixed(limits.acceleration_rad_per_s2, 2),
      fixed(limits.jerk_rad_per_s3, 0),
      limits.effort_Nm >= Number.MAX_VALUE ? 'none' : fixed(limits.effort_Nm, 1),
      fixed(stop.stop_time_s, 3),
      fixed(stop.stop_distance_rad, 3),
      fixed(stop.usable_velocity_rad_per_s, 3),
      fixed(stop.hold_torque_Nm, 1),
    ]);
  });
  return table.toString();
}

function contactTable({ contact_limits, separation }: Envelope, contact: ContactSpeed): string {
  const table = new Table({ head: ['region', 'transient N', 'reduced kg', 'm/s'], style: { head: [], border: [] } });
  for (const { region, transient_force_N, reduced_mass_kg, speed_m_per_s } of contact.regions) {
    table.push([region, fixed(transient_force_N, 0), fixed(reduced_mass_kg, 2), fixed(speed_m_per_s, 3)]);
  }
  return (
    `${table.toString()}\ncontact with a body: ${fixed(separation?.contact_speed_m_per_s ?? 0, 3)} m/s of at most ` +
    `${fixed(contact.speed_m_per_s, 3)} m/s, by the ${contact.region} (${contact_limits?.table.source}), ` +
    `the arm as ${fixed(contact.robot_mass_kg, 2)} kg; the arm's own contact detection must be on`
  );
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}
