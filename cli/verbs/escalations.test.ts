import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Escalation, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { QuestionFolder } from '../../stack/index.ts';
import { lastJson } from '../../test/support/cli.ts';
import { hostedCli } from '../../test/support/cli_host.ts';
import { EscalationRig, seenBox } from '../../test/support/escalation_rig.ts';

let folder = '';
let rig: EscalationRig;
let timer: NodeJS.Timeout;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'escalations-'));
  rig = new EscalationRig({ answer_within_s: 600 });
  const node = new QuestionFolder(join(folder, 'run', 'questions'));
  await node.configure({ bus: rig.bus, clock: rig.clock, log: SILENT_LOG });
  node.activate();
  await rig.start();
  rig.pass(1.2);
  // as fast as real time, with a picture and what is seen in it ten times a second
  timer = setInterval(() => {
    rig.pass(0.1);
    rig.bus.publish(TOPICS.detections, rig.seen([seenBox()]));
  }, 100);
});
afterAll(() => {
  clearInterval(timer);
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => hostedCli(['escalations', ...args, '--dir', 'run', '--json'], folder);
const answered = z.looseObject({ taken: z.boolean(), end: z.string(), reason: z.string(), by: z.string() });

describe('surepick escalations of an embedded graph', () => {
  let question: Escalation;

  it('lists what is asked', async () => {
    const before = await run('list');
    expect(before.code).toBe(2);
    expect(before.stderr).toContain('--dir run: must be the folder of a run or launch that asks');
    question = rig.ask();
    const { code, stdout, stderr } = await run('list');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      ...{ schema: 'surepick/escalations', version: 1, action: 'list' },
      questions: [{ id: question.id, state: 'open', options: question.options, model: 'vision@1', answer: '' }],
    });
    expect(stderr).toContain(question.id);
  });

  it('shows the picture that is asked about', async () => {
    const ended = await run('show', question.id, '--out', 'asked.png');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(question.question);
    const { data } = decode(readFileSync(join(folder, 'asked.png')));
    expect(Buffer.from(data).equals(Buffer.from(decode(question.image).data))).toBe(true);
  });

  it('says by its exit code whether an answer was taken, and why not', async () => {
    const wrong = await run('answer', question.id, 'green ball', '--by', 'eve');
    expect(wrong.code).toBe(1);
    expect(lastJson(wrong, answered)).toMatchObject({ taken: false, end: 'refused', by: 'eve' });
    expect(wrong.stderr).toContain("error: refused: 'green ball' is none of the options: red box, red cylinder, skip");
    const right = await run('answer', question.id, 'red cylinder', '--by', 'ada');
    expect(right.code, right.stderr).toBe(0);
    expect(lastJson(right, answered)).toMatchObject({ taken: true, end: 'answered', reason: '' });
    expect(rig.ends.map(({ end, by }) => [end, by])).toEqual([
      ['refused', 'eve'],
      ['answered', 'ada'],
    ]);
    const all = await run('list', '--all');
    expect(all.stderr).toContain('answered: red cylinder by ada');
  });

  it.each([
    [['show', 'overview-9-9'], 'question overview-9-9: one of: THE-QUESTION'],
    [['answer', 'overview-9-9', 'red box'], 'question overview-9-9: one of: THE-QUESTION'],
    [['show', 'THE-QUESTION', '--out', '/dev/null/asked.png'], '--out /dev/null/asked.png: '],
    [['list', '--wait', '0'], '--wait'],
  ])('refuses %j in one line', async (args, told) => {
    const asked = (text: string) => text.replace('THE-QUESTION', question.id);
    const { code, stderr } = await run(...args.map(asked));
    expect(code).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toContain(asked(told));
  });
});
