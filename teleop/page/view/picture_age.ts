/** Older than this a picture is shown as old. */
export const OLD_PICTURE_MS = 300;

export interface AgeView {
  readonly old: boolean;
  /** For people: milliseconds while fresh, seconds after that. */
  readonly text: string;
}

/** How old a picture is now that was `sent_age_ms` old when it came at `received_ms`; infinite for none. */
export function pictureAge(sent_age_ms: number, received_ms: number, now_ms: number): number {
  if (!Number.isFinite(received_ms)) return Infinity;
  return Math.max(0, sent_age_ms) + Math.max(0, now_ms - received_ms);
}

export function viewAge(age_ms: number, limit_ms = OLD_PICTURE_MS): AgeView {
  const old = !(age_ms <= limit_ms);
  if (!Number.isFinite(age_ms)) return { old, text: 'no picture' };
  if (age_ms < 1000) return { old, text: `${Math.round(age_ms)} ms` };
  if (age_ms < 100_000) return { old, text: `${(age_ms / 1000).toFixed(1)} s` };
  return { old, text: `${Math.round(age_ms / 60_000)} min` };
}
