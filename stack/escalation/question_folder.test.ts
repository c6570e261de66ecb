import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { DECLINE, SILENT_LOG, secondsToStamp } from '../../contracts/index.ts';
import { EscalationRig } from '../../test/support/escalation_rig.ts';
import { answerTo } from '../../test/support/person.ts';
import { withFolder } from '../../test/support/recording.ts';
import { fileAnswer, filedQuestions, refusalIn } from './question_files.ts';
import { QuestionFolder } from './question_folder.ts';

async function asking(folder: string, warned: string[] = []) {
  const rig = new EscalationRig();
  const node = new QuestionFolder(folder);
  const log = { ...SILENT_LOG, warn: (fields: object) => void warned.push(JSON.stringify(fields)) };
  await node.configure({ bus: rig.bus, clock: rig.clock, log });
  node.activate();
  await rig.start();
  rig.pass(1.2);
  return { rig, node };
}

describe('questions through a folder', () => {
  it('lie there with their picture; an answer left there is taken once, and its end is told', async () => {
    await withFolder(async (folder) => {
      const { rig, node } = await asking(folder);
      const question = rig.ask();
      const [filed] = filedQuestions(folder);
      const { image, ...rest } = question;
      expect(filed.question).toEqual(rest);
      expect(filed.end).toBeNull();
      expect(filed.picture).toBe(join(folder, 'overview-1200-0.png'));
      const picture = decode(readFileSync(filed.picture ?? ''));
      expect([picture.width, picture.height]).toEqual([40, 30]);

      const answer = { ...answerTo(question), stamp_ns: question.stamp_ns };
      fileAnswer(folder, { ...answer, answer: 'green box' });
      rig.pass(0.2);
      expect(refusalIn(folder, question.id)).toMatchObject({ end: 'refused', by: 'ada' });
      expect(filedQuestions(folder)[0].end).toBeNull();
      fileAnswer(folder, { ...answer, answer: DECLINE });
      expect(refusalIn(folder, question.id)).toBeNull();
      rig.pass(0.2);
      expect(filedQuestions(folder)[0].end).toMatchObject({ end: 'answered', answer: DECLINE, by: 'ada' });
      expect(readdirSync(folder).sort()).toEqual(['overview-1200-0.end.json', 'overview-1200-0.question.json']);
      expect(rig.ends.map(({ end }) => end)).toEqual(['refused', 'answered']);
      node.deactivate();
    });
  });

  it('leaves what is no answer alone after telling of it, and anything that is not ours in the folder', async () => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'notes.txt'), 'mine');
      writeFileSync(join(folder, 'old.question.json'), '{}');
      const warned: string[] = [];
      const { rig } = await asking(folder, warned);
      expect(readdirSync(folder)).toEqual(['notes.txt']);
      rig.ask();
      for (const [name, text] of [
        ['a', '{'],
        ['b', '{"id": "x"}'],
        ['c', `"${'x'.repeat(2 << 20)}"`],
      ])
        writeFileSync(join(folder, `${name}.answer.json`), text);
      rig.pass(0.3);
      expect(warned.filter((text) => text.includes('answer.json'))).toHaveLength(3);
      expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'overview-1200-0.png', 'overview-1200-0.question.json']);
    });
  });

  it('makes no folder before there is a question, and keeps names inside it', async () => {
    await withFolder(async (folder) => {
      const inner = join(folder, 'questions');
      const { rig } = await asking(inner);
      rig.pass(1);
      expect(existsSync(inner)).toBe(false);
      mkdirSync(inner);
      const answer = { ...answerTo(rig.ask()), stamp_ns: secondsToStamp(1), id: '../../escape' };
      fileAnswer(inner, answer);
      expect(readdirSync(folder)).toEqual(['questions']);
      expect(readdirSync(inner)).toContain('.._.._escape.answer.json');
      rig.pass(0.2);
      expect(rig.ends[0]).toMatchObject({ end: 'refused', reason: 'nobody has asked this' });
      expect(() => filedQuestions(join(folder, 'none'))).toThrow(/must be the questions folder of a run that asks/);
    });
  });
});
