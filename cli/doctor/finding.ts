/** `missing` matters only for what `needed_for` names; `unusable` stops the main job. */
export type FindingState = 'found' | 'limited' | 'missing' | 'unusable';

/** One thing that a machine has or lacks. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly state: FindingState;
  /** What is there: versions, names, amounts with their units; empty when nothing is. */
  readonly found: string;
  readonly needed_for: string;
  /** How to get it; empty when nothing is to be done. */
  readonly remedy: string;
}

/** What the probes may ask of the machine they run on; tests give a machine of their own. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly arch: string;
  readonly node_version: string;
  /** Full path of a command on PATH, or null. */
  which(command: string): string | null;
  /** Standard output of a command that ended with 0 within `timeout_s`, or null. */
  output(command: string, args: readonly string[], timeout_s: number): string | null;
  /** Entries of a folder, none when it cannot be read. */
  list(folder: string): readonly string[];
  exists(path: string): boolean;
}
