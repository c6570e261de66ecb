import { loadObjectives } from '../../perception/index.ts';
import type { Objectives } from './latencies.ts';

/** What perception is held to. @throws InputError with file, line and column of what is wrong in its file */
export async function shippedObjectives(): Promise<Objectives> {
  const { readSlo } = await loadObjectives();
  const { stage, latency_ms } = readSlo();
  return { [stage]: latency_ms.p95 };
}
