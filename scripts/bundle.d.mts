import type { Plugin } from 'esbuild';

/** @param entries  sources, as paths from the root */
export function bundle(entries: readonly string[], to: string, place?: Plugin): Promise<void>;
export const unmoved: Plugin;
export function programs(): string[];
