import { z } from 'zod';
import { compiledProgram } from './programs.ts';
import { freshDomain, type RosProcess, type RosTestbed, startUnderRos } from './ros.ts';

const common = { errors: z.array(z.string()), late_p99_ms: z.number(), rss_mb: z.array(z.number()) };
const sent = z.object({ states: z.number(), images: z.number(), ...common });
const heard = z.object({
  states: z.number(),
  first: z.number(),
  last: z.number(),
  gaps: z.number(),
  images: z.number(),
  broken: z.number(),
  rate_hz: z.number(),
  interval_p99_ms: z.number(),
  ...common,
});

export interface StreamReport {
  readonly sent: z.infer<typeof sent>;
  readonly heard: z.infer<typeof heard>;
  readonly exits: readonly (number | string | null)[];
}

/** Two of our processes: joint states at 100 Hz beside 640×480 images at 30 Hz, for so many seconds. */
export async function stream(ros: RosTestbed, seconds: number): Promise<StreamReport> {
  const program = await compiledProgram('ros_stream_program');
  const domain = freshDomain();
  const start = (...args: string[]): RosProcess =>
    startUnderRos(ros, [process.execPath, '--expose-gc', program, ...args], { domain });
  const hear = start('hear');
  await hear.line(/^ready/);
  const send = start('send', String(seconds));
  const sentLine = await send.line(/^{/);
  const sender = await send.ended;
  // What is under way arrives.
  await new Promise((resolve) => setTimeout(resolve, 300));
  hear.child.stdin?.end();
  const heardLine = await hear.line(/^{/);
  const hearer = await hear.ended;
  return {
    sent: sent.parse(JSON.parse(sentLine)),
    heard: heard.parse(JSON.parse(heardLine)),
    exits: [sender.code ?? sender.signal, hearer.code ?? hearer.signal],
  };
}

/** Least memory in each of `parts` equal stretches after a warm-up, MB: what the collector always comes back to. */
export function floors(rss_mb: readonly number[], warm_up_s: number, parts: number): readonly number[] {
  const kept = rss_mb.slice(warm_up_s);
  const size = Math.floor(kept.length / parts);
  return Array.from({ length: parts }, (_, part) => Math.min(...kept.slice(part * size, (part + 1) * size)));
}
