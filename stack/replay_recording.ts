import { readSafetyRecord } from '../datasets/index.ts';
import type { Robot } from '../robots/index.ts';
import { type JournalledCycle, JournalReplay, type ReplayResult } from '../safety/index.ts';

/**
 * Runs the journal of a recording through the gate again; a journal of no blocks gives no cycles.
 * @param robotOf  gives the robot of the name in the journal
 * @throws InputError for a recording or a journal that cannot be read
 */
export async function replayRecording(
  file: string,
  robotOf: (name: string) => Robot,
  onCycle?: (cycle: JournalledCycle) => void,
): Promise<ReplayResult> {
  const { journal } = await readSafetyRecord(file);
  const replay = new JournalReplay(robotOf);
  if (onCycle !== undefined) replay.onCycle = onCycle;
  for (const { data } of journal) replay.feed(data);
  return replay.result;
}
