import { z } from 'zod';
import { Supervisor } from '../safety/index.ts';
import { channelSchema } from './channel.ts';
import { answerParent, configuration, parentIsGone, runCycles } from './child_side.ts';
import { GateOverChannel } from './gate_over_channel.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { REALTIME, tryRealtime } from './realtime.ts';
import { type SupervisorAnswer, supervisorLimits, supervisorOrderSchema } from './supervisor_messages.ts';

/** How often the gate's observation is read; grants go out every 10 ms. */
const PERIOD_S = 0.0025;

/** The safety supervisor as a process of its own. It ends by itself when its parent is gone. */
function main(): void {
  tryRealtime(REALTIME.supervisor);
  const config = configuration(
    z.strictObject({ observation: channelSchema, grant: channelSchema, limits: supervisorLimits }),
  );
  const supervisor = new Supervisor();
  const gate = new GateOverChannel(config.observation, config.grant);
  gate.setLimits(config.limits.tool_speed_m_per_s, config.limits.share);
  const answer = (kind: SupervisorAnswer['kind']) => answerParent({ kind, at_s: MACHINE_CLOCK.now_s() });
  process.on('message', (message) => {
    const order = supervisorOrderSchema.parse(message);
    if (order.kind === 'stop') supervisor.requestStop();
    else if (order.kind === 'limits') gate.setLimits(order.limits.tool_speed_m_per_s, order.limits.share);
    else supervisor.clearStop();
    answer(order.kind);
  });
  runCycles(PERIOD_S, (now_s) => {
    if (parentIsGone()) return false;
    gate.poll();
    const nonce = supervisor.step(now_s, gate);
    if (nonce !== 0) gate.grant(nonce);
    return true;
  });
  answer('ready');
}

main();
