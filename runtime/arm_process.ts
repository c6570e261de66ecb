import { z } from 'zod';
import { loadRobot } from '../robots/index.ts';
import { ChannelReader, ChannelWriter, channelSchema } from './channel.ts';
import { answerParent, configuration, parentIsGone, runCycles } from './child_side.ts';
import { MotionLog } from './motion_log.ts';
import { REALTIME, tryRealtime } from './realtime.ts';
import { SimulatedArm } from './simulated_arm.ts';

const configSchema = z.strictObject({
  robot: z.string(),
  hz: z.number().positive(),
  command: channelSchema,
  state: channelSchema,
  log_file: z.string().nullable(),
});

/**
 * A simulated arm as a process of its own. Asked to end (SIGTERM), or without a parent, it takes no more commands, so that
 * its watchdog brings it to rest; then it writes what it did and ends.
 */
function main(): void {
  tryRealtime(REALTIME.arm);
  const { robot: name, hz, command, state, log_file } = configuration(configSchema);
  const robot = loadRobot(name, { visualMeshes: false });
  const arm = new SimulatedArm(robot, hz, new ChannelReader(command), new ChannelWriter(state));
  const { servo } = arm;
  const log = log_file === null ? null : new MotionLog(robot.arm_joints);
  let ending = false;
  process.on('SIGTERM', () => {
    ending = true;
  });
  runCycles(1 / hz, (now_s, deadlines) => {
    ending ||= parentIsGone();
    if (!ending) arm.receive();
    // Cycles this process came too late for are made up for: the arm it stands for did not stand still meanwhile.
    for (const due = deadlines.passed(now_s); arm.cycles < due; ) {
      arm.step();
      log?.add(deadlines.time_s(arm.cycles), servo.sequence, servo.phase, servo.q, servo.v);
    }
    arm.report();
    if (!ending || servo.phase !== 'holding') return true;
    if (log_file !== null) log?.write(log_file);
    return false;
  });
  answerParent({ kind: 'ready' });
}

main();
