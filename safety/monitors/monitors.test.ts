import { expect, it } from 'vitest';
import { type Clock, InProcessBus, secondsToStamp } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { SafetyMonitors } from './monitors.ts';

const PERIOD_S = 0.01;

it('finds a jump of the bus’s time once, whatever the machine’s own clock says, and lets a reset clear it', () => {
  for (const began_s of [0, 100, 54_000]) {
    const monitors = new SafetyMonitors(loadRobot('panda', { visualMeshes: false }));
    let [machine_s, bus_s] = [began_s, 0];
    const clock: Clock = { now_ns: () => secondsToStamp(bus_s), schedule: () => () => {} };
    monitors.listen({ bus: new InProcessBus(), clock, subscriber: 'test', machine_s: () => machine_s });
    const look = () => {
      machine_s += PERIOD_S;
      bus_s += PERIOD_S;
      return monitors.look(null);
    };
    for (let k = 0; k < 300; k++) expect(look(), `machine from ${began_s} s, look ${k}`).toBeNull();
    bus_s = 0;
    expect(look()?.began.map(({ finding }) => finding.fault)).toEqual(['clock_jump']);
    expect(monitors.ladder.refusal).toMatch(/clock_jump/);
    for (let k = 0; k < 20; k++) look();
    expect(monitors.ladder.refusal, `machine from ${began_s} s`).toBe('');
    expect(monitors.ladder.clear()?.now).toBe('none');
  }
});
