import type { z } from 'zod';

/** What the audit log tells of. */
export const AUDIT_KINDS = [
  'start',
  'stop_requested',
  'intervention',
  'mode',
  'degradation',
  'fault',
  'reset',
  'limits',
  'approval',
  'tampering',
  'exploration',
  'escalation',
  'end',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One decision or finding: what was known, the rule that was applied, and what came of it. */
export interface AuditEvent {
  readonly kind: AuditKind;
  /** The rule by its name in the code or the envelope, e.g. `reset.missing` or `reactions.clock_jump`. */
  readonly rule: string;
  readonly inputs: Readonly<Record<string, z.core.util.JSONType>>;
  readonly outcome: string;
}

/** Takes events in their order. Never throws, and never waits: a log that cannot be written is a fault of its own. */
export interface AuditSink {
  record(event: AuditEvent): void;
  /** Why it cannot be written; empty or absent while it can. */
  readonly failure?: string;
}
