import { parentPort } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { readTable } from './episode_table.ts';
import type { TableAnswer, TableJob } from './table_pool.ts';

parentPort?.on('message', async ({ path, episode, options }: TableJob) => {
  let answer: TableAnswer;
  try {
    answer = { kind: 'table', table: await readTable(path, episode, options) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer = { kind: 'failed', message, input: error instanceof InputError };
  }
  parentPort?.postMessage(answer);
});
