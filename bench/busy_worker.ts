import { parentPort } from 'node:worker_threads';

/** Arithmetic in registers, nothing shared: what two threads of this machine can do at most beside one. */
function spin(rounds: number): number {
  let x = 0.5;
  for (let i = 0; i < rounds; i++) x = 3.9 * x * (1 - x);
  return x;
}

parentPort?.on('message', (rounds: number) => parentPort?.postMessage(spin(rounds)));
