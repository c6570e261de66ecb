import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { freshDomain, requireRos, runRclpy, startUnderRos } from '../../test/support/ros.ts';
import { linearPolicy } from '../../test/support/task_policies.ts';

const ABORTED = 6;

it('a peer with rclpy is offered a policy, runs it, sees how it goes, is refused a second one, and cancels it', async (ctx) => {
  const ros = await requireRos(ctx);
  const domain = freshDomain();
  const folder = mkdtempSync(join(tmpdir(), 'surepick-policy-peer-'));
  try {
    const { bytes, manifest } = linearPolicy(0.5);
    const file = join(folder, 'linear.onnx');
    writeFileSync(file, bytes);
    writeFileSync(join(folder, 'linear.manifest.json'), JSON.stringify(manifest));
    const program = await compiledProgram('policy_peer_program');
    const cell = startUnderRos(ros, [process.execPath, program, file], { domain });
    const [, ...goal] = (await cell.line(/^ready/)).split(' ');
    const script = readFileSync(join(PACKAGE_ROOT, 'test', 'ros', 'policy_peer.py'), 'utf8');
    const out: unknown = JSON.parse(await runRclpy(ros, script, goal, { domain, timeout_s: 120 }));
    cell.child.stdin?.end();
    expect((await cell.ended).code).toBe(0);
    expect(out).toEqual({
      server: true,
      offered: ['linear', 'pick-place', 25, 'state', 0],
      unknown: [ABORTED, false, 'plan', 'no such policy is offered here'],
      malformed: false,
      running: ['running', -1, 'linear', manifest.sha256],
      second: [ABORTED, false, 'plan', 'linear runs already; cancel it first'],
      cancelled: [expect.any(Number), false, expect.any(String), 'cancelled'],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
