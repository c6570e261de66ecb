/** What can be wrong with a dataset that was signed, or should have been. */
export const PROVENANCE_KINDS = [
  /** A file holds other bytes than it held. */
  'changed',
  'removed',
  'added',
  'renamed',
  /** Episodes of `dataset.json` stand in another order. */
  'reordered',
  /** Neither file nor folder: a link, a socket, a name that is no text. */
  'no_file',
  /** `dataset.json` and the files do not agree. */
  'index',
  /** `merkle.json` cannot be read, or is not what was signed. */
  'manifest',
  'unsigned',
  'forged',
  'unknown_key',
  'retired_key',
  'revoked_key',
  /** An older revision than this machine has seen, or another one of the same number. */
  'roll_back',
  /** A revision between the first and the newest has no signature, or the wrong one. */
  'chain',
  /** Not the revision or root that was asked for. */
  'expected',
  /** What the run's own manifest and audit logs say. */
  'run',
  /** The chain from recordings to a model does not hold, or cannot be told. */
  'lineage',
] as const;
export type ProvenanceKind = (typeof PROVENANCE_KINDS)[number];

export interface ProvenanceFinding {
  readonly kind: ProvenanceKind;
  /** A file from the dataset's folder, with the episode in it where one is meant. */
  readonly place: string;
  readonly detail: string;
}
