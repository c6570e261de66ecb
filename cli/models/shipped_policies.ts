import { type ModelRepository, type ModelStatus, parseReference } from '../../perception/index.ts';

/** The pinned policies for tasks, each hashed and compared; with a reference, those that NAME or NAME@VERSION names. */
export async function shippedPolicies(
  repository: ModelRepository,
  reference?: string,
): Promise<readonly ModelStatus[]> {
  const all = await repository.verifyPolicies();
  if (reference === undefined) return all;
  const { name, version } = parseReference(reference);
  return all.filter((policy) => policy.name === name && (version === null || policy.version === version));
}
