import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { InputError, noteSecret } from '../contracts/index.ts';
import { secretOf } from '../safety/index.ts';

/** Reads a password, which is never an argument: others see those. Typed twice and not shown, or the first line of stdin. */
export async function readPassword(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return secretOf(readFileSync(0, 'utf8'), 'standard input');
  return askTwice(prompt, process.stdin, process.stderr);
}

/** Throws InputError where the two differ or input ends. @param output  gets the questions and nothing that is typed */
export async function askTwice(prompt: string, input: Readable, output: Writable): Promise<string> {
  const unshown = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: unshown, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_, reject) => {
    const fail = () => reject(new InputError('password', 'input ended before it was typed twice'));
    lines.once('close', fail);
    lines.once('SIGINT', fail);
  });
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const answer = await Promise.race([lines.question(''), ended]);
    output.write('\n');
    return answer;
  };
  try {
    const first = await ask(`${prompt}: `);
    noteSecret(first);
    if ((await ask('again: ')) !== first) throw new InputError('password', 'must be typed the same twice');
    return first;
  } finally {
    ended.catch(() => {});
    lines.close();
  }
}
