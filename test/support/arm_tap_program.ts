import { z } from 'zod';
import {
  ARM_PHASES,
  ARM_STATE,
  ChannelReader,
  channelSchema,
  MACHINE_CLOCK,
  MotionLog,
  REALTIME,
  tryRealtime,
} from '../../runtime/index.ts';

const config = z.strictObject({ joints: z.int(), coordinates: z.int(), log_file: z.string(), state: channelSchema });
const PERIOD_MS = 1;

/** Looks on at what an arm says of itself on its state channel; SIGTERM or the end of its parent writes it down and ends it. */
function main(): void {
  const { joints, coordinates, log_file, state } = config.parse(JSON.parse(process.argv[2]));
  tryRealtime(REALTIME.arm);
  const reader = new ChannelReader(state);
  const log = new MotionLog(joints);
  const from = ARM_STATE.coordinates;
  const q = reader.payload.subarray(from, from + joints);
  const v = reader.payload.subarray(from + coordinates, from + coordinates + joints);
  const look = () => {
    if (!reader.poll()) return;
    const { payload } = reader;
    log.add(MACHINE_CLOCK.now_s(), payload[ARM_STATE.sequence], ARM_PHASES[payload[ARM_STATE.phase]], q, v);
  };
  const timer = setInterval(look, PERIOD_MS);
  const end = () => {
    clearInterval(timer);
    log.write(log_file);
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  process.send?.('ready');
}

main();
