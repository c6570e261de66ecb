export interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
}

export const ROOT: string;
export function neededPackages(scope: 'run' | 'test'): [folder: string, entry: LockedPackage][];
export function nameOf(folder: string): string;
