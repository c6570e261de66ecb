import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { cli, lastJson } from '../../test/support/cli.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { freshDomain, requireRos, startUnderRos } from '../../test/support/ros.ts';

const listed = z.looseObject({
  questions: z.array(z.looseObject({ id: z.string(), state: z.string(), options: z.array(z.string()) })),
});
const answered = z.looseObject({ taken: z.boolean(), end: z.string(), reason: z.string() });

it('lists, shows and answers over ROS what a graph asks', async (ctx) => {
  const ros = await requireRos(ctx);
  const domain = freshDomain();
  const folder = mkdtempSync(join(tmpdir(), 'escalations-ros-'));
  const program = await compiledProgram('escalation_host_program');
  const host = startUnderRos(ros, [process.execPath, program], { domain });
  const run = (...args: string[]) =>
    cli(['escalations', ...args, '--domain-id', String(domain), '--wait', '20', '--json'], folder, ros.env);
  try {
    const list = await run('list');
    expect(list.code, list.stderr).toBe(0);
    const [question] = lastJson(list, listed).questions;
    expect(question).toMatchObject({ state: 'open', options: ['red box', 'red cylinder', 'skip'] });
    const show = await run('show', question.id);
    expect(show.code, show.stderr).toBe(0);
    expect(lastJson(show, z.looseObject({ picture: z.string() })).picture).toBe(`${question.id}.png`);
    const wrong = await run('answer', question.id, 'green ball', '--by', 'eve');
    expect(wrong.code).toBe(1);
    expect(lastJson(wrong, answered)).toMatchObject({ taken: false, end: 'refused' });
    const none = await run('answer', 'overview-1-9', 'red box');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('question overview-1-9: one of: overview-');
    const right = await run('answer', question.id, 'red cylinder', '--by', 'ada');
    expect(right.code, right.stderr).toBe(0);
    expect(lastJson(right, answered)).toMatchObject({ taken: true, end: 'answered', reason: '' });
    const late = await run('answer', question.id, 'red box', '--by', 'bob');
    expect(lastJson(late, answered)).toMatchObject({ taken: false, reason: 'the question has ended: answered' });
    const after = lastJson(await run('list', '--all'), listed).questions;
    const told = { state: 'answered', answer: 'red cylinder', by: 'ada' };
    expect(after.find(({ id }) => id === question.id)).toMatchObject(told);
  } finally {
    host.child.kill('SIGTERM');
    await host.ended;
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
