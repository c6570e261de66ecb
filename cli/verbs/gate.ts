import { type Command, Option } from 'commander';
import { z } from 'zod';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot, GateStream, parseEnvelope } from '../../safety/index.ts';
import { emitJson, numberWithin, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { readTextFile } from '../json_files.ts';
import { LineWriter, readLines } from '../line_files.ts';
import { createBar } from '../progress.ts';

const flagsOf = z.object({
  robot: z.string(),
  package: z.string().optional(),
  envelope: z.string().optional(),
  in: z.string(),
  out: z.string(),
  hz: z.number(),
  lease: z.enum(['always', 'stream']),
  json: z.boolean().optional(),
});

/** Lines between two looks at Ctrl-C and the bar. */
const BATCH = 2000;

const FORMAT = `
The first line may be {"start":{"position":[…],"velocity":[…]}}; without it the robot is at home and at rest. Further lines
have a time "t" in s, rising, and one or more of
  "position" | "velocity" | "torque": […]   a command: rad, rad/s, or Nm with gravity included
  "lease": {"nonce","valid_s"}              permission to move from t on; a nonce counts once
  "state": {"position","velocity","torque","emergency_stop"}   the arm as measured; else it follows exactly
  "obstacles": [{"id","type","pose","size","velocity"}]   in the root link's frame, in place of those before
  "stop": 0|1|2, "reset": true, "mode": "automatic"|"reduced"|"guided", "enable": true|false
Out, a line a cycle: t, position, velocity, acceleration, jerk, state, reasons, stop_time_s, latched, and more.

Example: surepick gate --robot panda --in commands.jsonl --out sent.jsonl --lease always --json`;

export function addGate(program: Command): void {
  program
    .command('gate')
    .description('The safety gate over a stream of commands: what it would send to the arm, cycle by cycle, and why.')
    .option('--robot <name|file>', 'panda, or a URDF file', 'panda')
    .option('--package <dir>', 'where meshes of package://NAME/… are looked for first')
    .option('--envelope <file>', "JSON; the robot's default without")
    .requiredOption('--in <file>', 'JSON lines')
    .requiredOption('--out <file>', 'JSON lines')
    .option('--hz <rate>', 'cycles a second', numberWithin(10, 10_000), 500)
    .addOption(
      new Option('--lease <source>', 'always: motion is always permitted; stream: by the lines about it')
        .choices(['always', 'stream'])
        .default('stream'),
    )
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', FORMAT)
    .action(async (raw: Record<string, unknown>) => {
      const flags = flagsOf.parse(raw);
      const robot = loadRobot(flags.robot, {
        ...(flags.package === undefined ? {} : { packageDir: flags.package }),
        visualMeshes: false,
      });
      const envelope =
        flags.envelope === undefined
          ? envelopeForRobot(robot)
          : parseEnvelope(readTextFile(flags.envelope), flags.envelope);
      const lines = readLines(flags.in);
      const writer = new LineWriter(flags.out);
      const stream = new GateStream(
        robot,
        envelope,
        { hz: flags.hz, lease_always: flags.lease === 'always' },
        (cycle) => writer.write(JSON.stringify(cycle)),
      );
      const bar = createBar('bytes');
      let interrupted = false;
      try {
        interrupted = await untilInterrupted(async (signal) => {
          let count = 0;
          for (const { text, read, size } of lines) {
            stream.feed(text);
            if (++count % BATCH !== 0) continue;
            bar.update(read, size);
            await new Promise(setImmediate);
            if (signal.aborted) return true;
          }
          return false;
        });
        const summary = interrupted ? stream.summary() : stream.finish();
        writer.close();
        say(
          `${summary.cycles} cycles: ${summary.passed} passed, ${summary.limited} limited, ${summary.stopped} stopped; ` +
            `${summary.violations} violations; written to ${flags.out}`,
        );
        if (flags.lease === 'stream' && stream.gate.lease.granted === 0) {
          say('no lease in the stream, so nothing was permitted to move; --lease always permits it all the time');
        }
        if (flags.json) emitJson('gate', { robot: robot.name, hz: flags.hz, ...summary });
        if (interrupted) process.exitCode = 130;
        else if (summary.violations > 0) process.exitCode = 1;
      } catch (error) {
        writer.discard();
        throw error;
      } finally {
        bar.stop();
      }
    });
}
