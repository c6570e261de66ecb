import { expect, type TestContext } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { Ros2ControlOptions } from '../../runtime/index.ts';
import type { ArmStandInInput } from './arm_stand_in.ts';
import { requireRos } from './ros.ts';
import { CONTROL_DEATHS, type RosDeath, RosDeathRig } from './ros_death_rig.ts';

/** From the signal to the arm's deceleration, and to its rest, s. */
const MOST_REACTION_S = 0.1;
const MOST_REST_S = 0.6;

/**
 * Deaths of a control process by turns until `count` of each kind could be judged; prints what was seen. What a busy machine
 * spoilt is tried again, up to three times as often; if it spoils that too, the test is skipped and says so.
 */
export async function expectArmStops(
  ctx: TestContext,
  seed: number,
  count: number,
  bridge: Partial<Ros2ControlOptions> = {},
  stand_in: ArmStandInInput = {},
): Promise<void> {
  const ros = await requireRos(ctx);
  const seen: RosDeath[] = [];
  let spoilt = 0;
  const missing = () => CONTROL_DEATHS.filter((death) => seen.filter((one) => one.death === death).length < count);
  for (let round = 0; round < 3 && missing().length > 0; round++) {
    const rig = await RosDeathRig.start(ros, createRng(seed + round, 'ros_death'), bridge, stand_in);
    try {
      for (const death of missing()) {
        const have = seen.filter((one) => one.death === death).length;
        for (let k = have; k < count; k++) await rig.trial(death);
      }
    } finally {
      seen.push(...(await rig.finish()));
      spoilt += rig.spoilt;
    }
  }
  process.stdout.write(
    `${summary(seen)}\n${spoilt} trials not counted: the machine stalled or the arm did not cruise\n`,
  );
  expect(seen.filter(({ reaction_s }) => !(reaction_s > 0 && reaction_s <= MOST_REACTION_S))).toEqual([]);
  expect(seen.filter(({ rest_s }) => !(rest_s <= MOST_REST_S))).toEqual([]);
  expect(seen.filter(({ death, why }) => death !== 'killed' && why === '')).toEqual([]);
  if (missing().length > 0)
    ctx.skip(`the machine was too busy to judge an arm whose control is ${missing().join(', ')}`);
}

function summary(seen: readonly RosDeath[]): string {
  const ms = (values: readonly number[]) =>
    `${(1000 * Math.min(...values)).toFixed(0)} to ${(1000 * Math.max(...values)).toFixed(0)} ms`;
  return CONTROL_DEATHS.map((death) => {
    const kind = seen.filter((one) => one.death === death);
    if (kind.length === 0) return `control ${death}: none`;
    const speeds = kind.map(({ speed }) => speed);
    return [
      `control ${death}: ${kind.length} at ${Math.min(...speeds).toFixed(2)} to ${Math.max(...speeds).toFixed(2)} rad/s`,
      `slower after ${ms(kind.map(({ reaction_s }) => reaction_s))}`,
      `at rest after ${ms(kind.map(({ rest_s }) => rest_s))}`,
    ].join(', ');
  }).join('\n');
}
