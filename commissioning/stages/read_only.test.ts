import { describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { ArmStandIn, type ArmStandInInput, armStandInOptions } from '../../test/support/arm_stand_in.ts';
import { ArmOnBus, type StateSample } from '../arm_on_bus.ts';
import { judgeReadOnly } from './read_only.ts';

/** Joint states of an arm at rest for three seconds, as they come over a bus. */
function listen(input: ArmStandInInput): { samples: StateSample[]; robot: ArmStandIn['robot'] } {
  const bus = new InProcessBus();
  const clock = new SimClock();
  clock.advance(1_000_000_000_000n);
  const stand_in = new ArmStandIn(armStandInOptions.parse({ state_hz: 200, ...input }), bus, clock);
  const arm = new ArmOnBus({ bus, clock, log: SILENT_LOG }, stand_in.robot);
  const end = arm.record();
  for (let k = 0; k < 3000; k++) {
    clock.advance(clock.now_ns() + 1_000_000n);
    stand_in.step();
  }
  stand_in.close();
  arm.close();
  return { samples: end(), robot: stand_in.robot };
}

function judge(faults: ArmStandInInput['faults'], input: ArmStandInInput = {}) {
  const { samples, robot } = listen({ ...input, faults });
  return judgeReadOnly(samples, robot, envelopeForRobot(robot));
}

const noisy = { effort_noise_Nm: 0.2, position_noise_rad: 1e-5, velocity_noise_rad_per_s: 1e-3 };
const failures = (outcome: ReturnType<typeof judge>) =>
  outcome.findings.filter(({ severity }) => severity === 'failure').map(({ what }) => what);

describe('read-only stage', () => {
  it('passes a sound arm, and says what weight cannot tell', () => {
    const outcome = judge(noisy);
    expect(failures(outcome)).toEqual([]);
    expect(outcome.verdict).toBe('passed');
    expect(outcome.measurements).toMatchObject({ messages: expect.any(Number) });
    expect(outcome.measurements.rate_hz).toBeCloseTo(200, 0);
    expect(outcome.findings.some(({ what }) => what.includes('panda_joint1 counts the wrong way round'))).toBe(true);
  });

  it('names swapped joints and an inverted one', () => {
    expect(failures(judge({ ...noisy, swapped: { joints: [1, 3] } }))[0]).toMatch(/panda_joint/);
    const swapped = judge({ ...noisy, swapped: { joints: [1, 3] } });
    expect(failures(swapped).join(' ')).toContain('panda_joint2 and panda_joint4 are swapped');
    const inverted = judge({ ...noisy, inverted: { joint: 3 } });
    expect(failures(inverted).join(' ')).toContain('panda_joint4 counts the wrong way round');
  });

  it('names old states, a clock that is off, and a slow broadcaster', () => {
    expect(failures(judge({ ...noisy, state_latency_s: 0.08 })).join(' ')).toMatch(/80\.\d ms old when they come/);
    expect(failures(judge({ ...noisy, clock_offset_s: 0.5 })).join(' ')).toMatch(/500\.\d ms in the future/);
    expect(failures(judge(noisy, { state_hz: 20 })).join(' ')).toMatch(/at 20\.0 Hz, below 50 Hz/);
  });

  it('says so where nothing comes, or other joints do', () => {
    const { samples, robot } = listen({});
    const envelope = envelopeForRobot(robot);
    expect(failures(judgeReadOnly([], robot, envelope))[0]).toMatch(/0 joint states/);
    const others = samples.map((sample) => ({ ...sample, names: ['elbow', 'wrist'] }));
    expect(failures(judgeReadOnly(others, robot, envelope))[0]).toMatch(/no joint state of panda_joint1.*elbow, wrist/);
  });
});
