/** @param entries  sources, as paths from the root */
export function bundle(entries: readonly string[], to: string): Promise<void>;
export function programs(): string[];
