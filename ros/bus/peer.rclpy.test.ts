import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { freshDomain, requireRos, runRclpy, startUnderRos } from '../../test/support/ros.ts';

const [SUCCEEDED, CANCELED, ABORTED] = [4, 5, 6];

describe('a peer with rclpy', () => {
  it('has goals executed, cancelled, replaced, refused and rejected, and requests answered', async (ctx) => {
    const ros = await requireRos(ctx);
    const domain = freshDomain();
    const served = startUnderRos(ros, [process.execPath, await compiledProgram('ros_peer_program')], { domain });
    await served.line(/^ready/);
    const script = readFileSync(join(PACKAGE_ROOT, 'test', 'ros', 'peer.py'), 'utf8');
    const out: unknown = JSON.parse(await runRclpy(ros, script, [], { domain, timeout_s: 120 }));
    served.child.stdin?.end();
    const { code, stdout } = await served.ended;
    expect(out).toMatchObject({
      server: true,
      executed: [true, SUCCEEDED, 0, ''],
      feedback: 20,
      cancelled: [true, 1, CANCELED, expect.any(Number), 'cancelled'],
      replaced: [
        [ABORTED, expect.any(Number), 'replaced by a newer goal'],
        [SUCCEEDED, 0, ''],
      ],
      out_of_limits: [true, ABORTED, -1, 'joint a = 4 rad: at most 3 rad'],
      malformed: false,
      not_finite: false,
      again: [true, SUCCEEDED, 0, ''],
      speed: [true, 'speed 0.5'],
      wrong_speed: [false, expect.stringContaining('/arm_controller/set_speed: speed')],
      stop: [false, 'the supervisor does not answer'],
    });
    expect(code).toBe(0);
    const errors = stdout.split('\n').filter((line) => line.startsWith('error'));
    expect(errors).toHaveLength(4);
    expect(errors[0]).toMatch(/follow_joint_trajectory: InputError: .*positions/);
  });
});
