import { relative, sep } from 'node:path';
import { MANIFEST_NAME, type ProvenanceFinding, readManifest } from '../datasets/index.ts';
import { verifyRun } from './verify_run.ts';

/** What `verifyRun` finds wrong with a run, as findings of its dataset. Throws InputError for what cannot be read. */
export async function checkRun(folder: string): Promise<ProvenanceFinding[]> {
  const { logs, findings } = await verifyRun(folder, []);
  const files = readManifest(folder).episodes.flatMap(({ file, audit }) => [
    file,
    ...(audit === undefined ? [] : [audit.file]),
  ]);
  const ofLogs = logs.flatMap(({ file, verdict }) =>
    verdict.findings.map(({ line, what }) => ({
      place: relative(folder, file).replaceAll(sep, '/'),
      detail: line === 0 ? what : `line ${line}: ${what}`,
    })),
  );
  const ofRun = findings.map((detail) => ({
    place: files.find((file) => detail.includes(file)) ?? MANIFEST_NAME,
    detail,
  }));
  return [...ofRun, ...ofLogs].map((each) => ({ kind: 'run', ...each }));
}
