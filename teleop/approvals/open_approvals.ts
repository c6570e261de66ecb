/** A request that waits for signatures, for people. */
export interface OpenApproval {
  /** Name of its file, to be downloaded and signed elsewhere. */
  readonly file: string;
  readonly what: string;
  readonly robot: string;
  readonly author: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly until: string;
  /** Owners of the keys whose signatures lie there and count. */
  readonly signed_by: readonly string[];
  /** How many different people have to sign. */
  readonly needed: number;
}

/** Answer of GET /api/approvals. */
export interface OpenApprovals {
  readonly requests: readonly OpenApproval[];
}
