/**
 * Carries messages between two ends, in order: a channel between threads, a socket between processes. What it carries is
 * copied. Handlers are set once; what comes before there is one waits.
 */
export interface Port {
  /** Does nothing once closed. Throws InputError for what it cannot carry. */
  send(message: unknown): void;
  onMessage(handler: (message: unknown) => void): void;
  /** Called once, with why: also when this end closes it. */
  onClose(handler: (reason: string) => void): void;
  close(reason?: string): void;
}
