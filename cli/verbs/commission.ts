import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import {
  type CommissionEnd,
  commission,
  commissioningSettings,
  readRecord,
  STAGES,
  type Stage,
  withMeasuredStop,
} from '../../commissioning/index.ts';
import { InputError } from '../../contracts/index.ts';
import { armIdentity, CommissioningSession, envelopeOf, formatLogLine } from '../../launch/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { findRos, rosEnvironment } from '../../ros/index.ts';
import {
  COMMISSIONING_STAGES,
  type CommissionedAs,
  type CommissioningRecord,
  commissioningPermit,
  type Envelope,
} from '../../safety/index.ts';
import { LOG_LEVELS } from '../../stack/index.ts';
import { askOperator } from '../commissioning/ask.ts';
import { recordTable } from '../commissioning/table.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';
import { untilStopped } from '../interrupt.ts';
import { writeTextFile } from '../json_files.ts';
import { createBar } from '../progress.ts';

const DRIVERS = ['ros2_control', 'sim'] as const;

const flagsSchema = z.object({
  robot: z.string(),
  driver: z.enum(DRIVERS),
  serial: z.string(),
  approvers: z.string(),
  approvals: z.string(),
  envelope: z.string().optional(),
  out: z.string().optional(),
  resume: z.boolean(),
  stage: z.enum(COMMISSIONING_STAGES).optional(),
  payload: z.number(),
  trials: z.number(),
  stopWithin: z.number(),
  target: z.string(),
  camera: z.string(),
  controller: z.string(),
  jointStates: z.string(),
  mode: z.enum(['trajectory', 'forward']),
  delay: z.number(),
  hz: z.number(),
  domainId: z.number().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
  logLevel: z.enum(LOG_LEVELS),
});
type Flags = z.infer<typeof flagsSchema>;

const ABOUT = `
The stages, in their order:
${STAGES.map(({ name, purpose }) => `  ${name.padEnd(10)} ${purpose}`).join('\n')}
Each is recorded when it has ended, and the next speed is permitted by the record alone; until all are passed the tool goes
at 50 mm/s. Ctrl-C stops the arm; what was recorded is kept, and the same command goes on from there.

Example: surepick commission --robot panda --driver ros2_control --controller /arm_controller --payload 0.5`;

export function addCommission(program: Command): void {
  program
    .command('commission')
    .description('First use of an arm in stages, each recorded before the next speed is permitted; resumable.')
    .option('--robot <name|file>', 'panda, or a URDF file', 'panda')
    .addOption(new Option('--driver <driver>', 'what the arm is behind').choices(DRIVERS).default('ros2_control'))
    .option('--serial <name>', 'serial number of the one arm, kept in the record', '')
    .option(
      '--envelope <file>',
      "safety envelope; the robot's own without. The stop test writes what it measures into it",
    )
    .option('--approvers <file>', 'list of those who may approve; a real arm needs one', '')
    .option('--approvals <dir>', 'folder of requests, signatures and the ledger; a real arm needs one', '')
    .option('--out <file>', 'the record (default: commissioning/ROBOT-DRIVER.json)')
    .option('--resume', 'go on with the record that is there (the default)', true)
    .option('--no-resume', 'begin anew in place of the record that is there')
    .addOption(
      new Option('--stage <name>', 'only this one; those before it must be passed').choices([...COMMISSIONING_STAGES]),
    )
    .option('--payload <kg>', 'what the tool carries beyond the description', numberWithin(0, 100), 0)
    .option('--trials <n>', 'stops of the stop test', integerFrom(1, 1000), 20)
    .option('--stop-within <s>', 'from a stop being asked for to its first deceleration', numberWithin(0.01, 1), 0.1)
    .option('--target <frame>', 'frame on /tf of a fixed target that the camera of the hand sees', '')
    .option('--camera <frame>', 'optical frame of that camera', 'wrist_camera_optical_frame')
    .option('--controller <name>', 'ros2_control: controller of the arm', '/joint_trajectory_controller')
    .option('--joint-states <topic>', 'ros2_control: what joint_state_broadcaster publishes', '/joint_states')
    .addOption(
      new Option('--mode <mode>', 'ros2_control: kind of the controller')
        .choices(['trajectory', 'forward'])
        .default('trajectory'),
    )
    .option('--delay <s>', 'ros2_control: from a command to its execution', numberWithin(0.01, 0.1), 0.04)
    .option('--hz <rate>', 'ros2_control: cycles of controller and gate a second', integerFrom(100, 1000), 500)
    .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
    .option('--yes', 'do not ask before each stage')
    .option('--json', 'print one JSON object as the last line of stdout')
    .option('--log-level <level>', LOG_LEVELS.join(', '), 'warn')
    .addHelpText('after', ABOUT)
    .action(async (raw: unknown) => commissionArm(flagsOf(raw)));
}

function flagsOf(raw: unknown): Flags {
  const parsed = flagsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`--${String(issue.path[0])}`, issue.message);
}

async function commissionArm(flags: Flags): Promise<void> {
  const { driver, serial, json } = flags;
  if (!flags.yes && !process.stdin.isTTY) {
    throw new InputError(
      'commission without a terminal',
      'nobody can be asked before the arm moves; --yes asks nobody',
    );
  }
  const robot = loadRobot(flags.robot);
  const own = flags.envelope ?? '';
  const envelope = envelopeOf(own, robot);
  const as = armIdentity({ ...{ robot, robot_name: flags.robot, driver, serial, envelope } });
  const file = resolve(flags.out ?? join('commissioning', `${robot.name}-${driver}.json`));
  mkdirSync(dirname(file), { recursive: true });
  const found: CommissioningRecord = flags.resume
    ? readRecord(file, as)
    : { schema: 'surepick.commissioning', version: 1, as, stages: [] };
  const ros_env = driver === 'sim' ? {} : rosOf();
  let record = found;
  const end = await untilStopped((stop, hurry) => {
    const stages = new Operator(flags, { file, ros_env, envelope: own, stop, hurry });
    return stages.run(found, (next) => {
      record = next;
      const last = next.stages.at(-1);
      if (last?.stage === 'stop_test' && last.verdict === 'passed') {
        const measured = withMeasuredStop(envelope, last);
        if (measured !== null) writeEnvelope(own || file.replace(/(\.json)?$/, '.envelope.json'), measured);
      }
    });
  });
  const permit = commissioningPermit(record, as, false);
  process.stdout.write(json ? '' : `${recordTable(record)}\n`);
  say(permit.reason === '' ? 'the arm may go as fast as its envelope allows' : `tool at 50 mm/s: ${permit.reason}`);
  say(`record: ${file}`);
  if (json) emitJson('commission', { ...summary(record, as, end), record: file, permit });
  if (end === 'failed') process.exitCode = 1;
  if (end === 'interrupted' || end === 'declined') process.exitCode = 130;
}

function rosOf(): Readonly<Record<string, string>> {
  const ros = findRos();
  if ('missing' in ros) throw new InputError('--driver ros2_control', ros.missing);
  return rosEnvironment(ros);
}

function writeEnvelope(file: string, envelope: Envelope): void {
  writeTextFile(file, [`${JSON.stringify(envelope, null, 2)}\n`]);
  say(`measured stop times written into ${file}`);
}

function summary(record: CommissioningRecord, { robot, driver, serial }: CommissionedAs, end: CommissionEnd) {
  const stages = record.stages.map(({ stage, verdict, findings, measurements }) => ({
    ...{ stage, verdict, findings, measurements },
  }));
  const findings = stages.flatMap(({ stage, findings: found }) => found.map((one) => ({ stage, ...one })));
  return { robot, driver, serial, end, stages, findings };
}

interface Place {
  readonly file: string;
  readonly envelope: string;
  readonly ros_env: Readonly<Record<string, string>>;
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}

/** Asks and tells whoever stands beside the arm. */
class Operator {
  private readonly flags: Flags;
  private readonly place: Place;
  private bar = createBar('%');

  constructor(flags: Flags, place: Place) {
    this.flags = flags;
    this.place = place;
  }

  async run(record: CommissioningRecord, onRecord: (record: CommissioningRecord) => void): Promise<CommissionEnd> {
    const { flags, place } = this;
    const session = this.session();
    const only = flags.stage === undefined ? {} : { only: flags.stage };
    try {
      return await commission({
        ...{ record, file: place.file, stages: STAGES, ...only },
        confirm: (stage) => this.confirm(stage),
        run: async (stage) => {
          this.bar = createBar('%');
          try {
            return await session.run(stage);
          } finally {
            this.bar.stop();
          }
        },
        onRecorded: async (stage, next) => {
          say(`${stage.stage}: ${stage.verdict.replace('_', ' ')}`);
          for (const { severity, what, remedy } of stage.findings) {
            say(`  ${severity}: ${what}${remedy === '' ? '' : `; ${remedy}`}`);
          }
          onRecord(next);
        },
        now: () => new Date().toISOString(),
      });
    } catch (error) {
      if (error instanceof InputError || !(error instanceof Error)) throw error;
      say(`error: ${error.message}`);
      return 'failed';
    } finally {
      await session.close();
    }
  }

  private session(): CommissioningSession {
    const { flags, place } = this;
    const { robot, driver, serial, controller, jointStates: joint_states, mode, logLevel: log_level } = flags;
    const start_ms = Date.now();
    return new CommissioningSession(
      {
        ...{ robot, driver, serial, joint_states, log_level },
        approvers: flags.approvers === '' ? '' : resolve(flags.approvers),
        approvals: flags.approvals === '' ? '' : resolve(flags.approvals),
        ...{ envelope: place.envelope, record: place.file, ros_env: place.ros_env },
        settings: commissioningSettings.parse({
          driver_delay_s: driver === 'sim' ? 0 : flags.delay,
          ...{ payload_kg: flags.payload, stop_trials: flags.trials, deceleration_within_s: flags.stopWithin },
          ...{ target_frame: flags.target, camera_frame: flags.camera },
        }),
        control: { controller, mode, hz: flags.hz, delay_s: flags.delay },
        out_dir: tmpdir(),
        domain_id: flags.domainId ?? null,
      },
      {
        onText: (text) => say(`  ${text}`),
        onProgress: (part) => this.bar.update(Math.round(100 * part), 100),
        onLine: (line) => say(formatLogLine(line, start_ms, false)),
        onError: (what) => say(`  ${what}`),
      },
      place.stop,
      place.hurry,
    );
  }

  private async confirm(stage: Stage): Promise<boolean> {
    const { stop } = this.place;
    if (stop.aborted) return false;
    const text = `${stage.name}: ${stage.purpose}`;
    if (!this.flags.yes) return askOperator(text, stage.moves, stop);
    say(text);
    return true;
  }
}
