import { compiledProgram } from './programs.ts';
import { freshDomain, type RosTestbed, startUnderRos } from './ros.ts';

export const WAYS_TO_END = ['natural', 'exit', 'callback', 'sigterm'] as const;

/** Lets a busy node end `times` times, in every way in turn; returns how each ended that did not end cleanly. */
export async function uncleanExits(ros: RosTestbed, times: number): Promise<readonly string[]> {
  const program = await compiledProgram('ros_exit_program');
  const domain = freshDomain();
  const unclean: string[] = [];
  for (let n = 0; n < times; n++) {
    const way = WAYS_TO_END[n % WAYS_TO_END.length];
    const { ended, child } = startUnderRos(ros, [process.execPath, program, way], { domain });
    const alarm = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const { code, signal, stderr } = await ended;
    clearTimeout(alarm);
    if (code !== 0) unclean.push(`${way}: ${code ?? signal} ${stderr}`);
  }
  return unclean;
}
