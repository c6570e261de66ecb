import { describe, expect, it } from 'vitest';
import { type Blow, type LaunchBlow, type LaunchDriver, LaunchRig } from '../test/support/launch_rig.ts';
import { requireRos } from '../test/support/ros.ts';

const SAYS: Readonly<Record<string, RegExp>> = {
  sim: /^sim (does not answer|was restarted)$/,
  control: /^control (does not answer|was restarted)$/,
  planning: /^planning (does not answer|was restarted)$/,
  safety: /^the supervisor was restarted$|^lease_lost$|^safety is busy/,
};
const NODES: Readonly<Record<LaunchDriver, readonly string[]>> = {
  sim: ['sim', 'control', 'safety', 'planning'],
  ros2_control: ['control', 'safety', 'planning'],
};

async function strike(rig: LaunchRig, node: string, blow: Blow): Promise<void> {
  const said: string[] = [];
  for (let tries = 0; tries < 40; tries++) {
    if (await rig.strike(node, blow)) return;
    said.push(rig.said);
  }
  throw new Error(`${node} ${blow}: the arm never came to full speed: ${said.join('; ')}`);
}

async function expectMoves(rig: LaunchRig): Promise<void> {
  let last = '';
  for (let tries = 0; tries < 40; tries++) {
    await rig.ready();
    const { status, result } = await rig.move();
    if (status === 'succeeded') return;
    last = result.reason;
  }
  throw new Error(`no goal succeeded after a reset: ${last}`);
}

function report(driver: LaunchDriver, blows: readonly LaunchBlow[]): void {
  for (const { node, blow, reaction_s } of blows)
    process.stdout.write(`${driver}: ${node} ${blow}: slower after ${(1000 * reaction_s).toFixed(0)} ms\n`);
}

describe.each(['ros2_control', 'sim'] as const)('a launched graph with the driver %s', (driver) => {
  it('stops the arm when any process dies, says why, brings it back, and moves after a reset', async (ctx) => {
    const rig = await LaunchRig.start(await requireRos(ctx), driver);
    let code: number | null = null;
    try {
      for (const node of NODES[driver]) {
        for (const blow of ['killed', 'frozen'] as const) {
          await strike(rig, node, blow);
          if (node === 'safety') rig.wake();
          await rig.client.until(
            ({ latched, reasons }) => latched && reasons.some((reason) => SAYS[node].test(reason)),
            `reason for ${node} ${blow}`,
          );
          rig.wake();
          await expectMoves(rig);
        }
      }
    } finally {
      code = await rig.finish();
      report(driver, rig.blows);
    }
    expect(code).toBe(130);
    const judged = rig.blows.filter(({ reaction_s }) => !Number.isNaN(reaction_s));
    expect(judged.length).toBeGreaterThan(3);
    expect(judged.filter(({ reaction_s }) => !(reaction_s > 0 && reaction_s <= 0.1))).toEqual([]);
  }, 900_000);
});
