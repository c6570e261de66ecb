import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemonstrationSet } from '../../learning/index.ts';

/** Where what a policy was trained on lies: NAME.data beside NAME.onnx. */
export function dataFolderOf(out: string): string {
  return `${out.replace(/\.onnx$/, '')}.data`;
}

/** The file of a set in a data folder, by the hash that manifests name it by. */
export function dataFileIn(folder: string, sha256: string): string {
  return join(folder, `${sha256}.demonstrations`);
}

/** Copies sets beside the policy that was trained on them, so that it can be trained again on them and more. */
export async function keepData(
  out: string,
  sets: readonly DemonstrationSet[],
  fileOf: (set: number) => string,
): Promise<void> {
  const folder = dataFolderOf(out);
  await mkdir(folder, { recursive: true });
  for (const [k, { sha256 }] of sets.entries()) await copyFile(fileOf(k), dataFileIn(folder, sha256));
}
