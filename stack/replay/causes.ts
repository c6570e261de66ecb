import { packageVersions } from '../versions.ts';

/** What is known of the stack that replays. */
export interface Replayer {
  readonly versions: Readonly<Record<string, string>>;
  readonly model_sha256: string;
  readonly degraded_reason: string;
}

export function thisReplayer(model_sha256: string | null, degraded_reason: string): Replayer {
  return { versions: packageVersions(), model_sha256: model_sha256 ?? '', degraded_reason };
}

/** Why a replay may differ from its recording: everything that recorded was another than what replays. */
export function knownCauses(
  run: Readonly<Record<string, string>>,
  { versions, model_sha256, degraded_reason }: Replayer,
): string[] {
  const other = Object.entries(versions)
    .filter(([name, now]) => run[name] !== undefined && run[name] !== now)
    .map(([name, now]) => `recorded with ${name} ${run[name]}, replayed with ${now}`);
  const recorded = run.model_sha256 ?? '';
  if (recorded !== '' && recorded !== model_sha256) {
    other.push(`recorded with the model of SHA-256 ${recorded}, replayed with ${model_sha256 || 'none'}`);
  }
  if (degraded_reason !== '') other.push(`replayed with the classical detector: ${degraded_reason}`);
  return other;
}
