import { createInterface } from 'node:readline/promises';

/** Whether the operator says yes to a stage; no once the signal is aborted. */
export async function askOperator(stage: string, moves: boolean, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal keeps the interrupt key to itself while it asks.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const warning = moves ? 'The arm moves: hand on the emergency stop, nobody within reach. ' : '';
  try {
    return /^y(es)?$/i.test((await terminal.question(`${stage}\n${warning}Go on? [y/N] `, { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
