/** Milliseconds as people read them. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

/** Whole seconds that are left, counted down to 0. */
export function secondsLeft(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))} s`;
}

/** Hours, minutes and seconds of the day where the page is. */
export function timeOfDay(epoch_ms: number): string {
  const time = new Date(epoch_ms);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((x) => String(x).padStart(2, '0')).join(':');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `wrong_picks` as `Wrong picks`. */
export function words(name: string): string {
  const spaced = name.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
