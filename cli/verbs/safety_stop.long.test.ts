import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Child, closeChannel, openGateLink } from '../../runtime/index.ts';
import { cli, lastJson } from '../../test/support/cli.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { freshDomain, requireRos } from '../../test/support/ros.ts';

const answer = z.object({ kind: z.string(), ok: z.boolean(), value: z.unknown() });
const printed = z.looseObject({
  stopped: z.boolean(),
  asked: z.array(z.looseObject({ by: z.string(), what: z.string(), stopped: z.boolean(), message: z.string() })),
});
const NAMESPACE = `/stopped_${process.pid}`;

it('stops a supervisor over ROS that no socket of this user reaches, and says where nobody answers', async (ctx) => {
  const ros = await requireRos(ctx);
  const domain = freshDomain();
  const scratch = mkdtempSync(join(tmpdir(), 'stop-ros-'));
  const link = openGateLink();
  const told = { robot: 'panda', roles: ['safety', 'plant'], ros: true, external_timeout_s: 1, namespace: NAMESPACE };
  const over_there = { ...ros.env, ROS_DOMAIN_ID: String(domain), NODE_OPTIONS: '', XDG_RUNTIME_DIR: scratch };
  const child = new Child(await compiledProgram('stop_host'), told, { ...link }, over_there);
  const stop = (namespace: string) => {
    const args = ['safety', 'stop', '--namespace', namespace, '--domain-id', String(domain), '--wait', '10', '--json'];
    return cli(args, scratch, ros.env);
  };
  try {
    await child.next((message) => (answer.parse(message).kind === 'ready' ? true : undefined), 60_000);
    const ended = await stop(NAMESPACE);
    expect(ended.stderr).toMatch(/safety\/stop: stopping, answered over ROS in [\d.]+ ms/);
    expect(lastJson(ended, printed)).toMatchObject({
      stopped: true,
      asked: [{ by: 'ros', what: `${NAMESPACE}/safety/stop`, stopped: true, message: 'stopping' }],
    });
    expect(ended.code).toBe(0);
    const state = child.next((message) => answer.parse(message));
    child.send({ kind: 'state' });
    expect(JSON.stringify((await state).value, (_, v) => (typeof v === 'bigint' ? 0 : v))).toContain(
      'a stop was asked for',
    );
    const nobody = await stop('/nobody');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('/nobody/safety/stop: not stopped over ROS');
  } finally {
    child.signal('SIGKILL');
    await child.ended;
    for (const channel of Object.values(link)) closeChannel(channel);
    rmSync(scratch, { recursive: true, force: true });
  }
}, 180_000);
