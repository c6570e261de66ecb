import type { TaskPolicyManifest } from '../../control/index.ts';

const property = (name: string, value: string | number) => ({ name: `surepick:${name}`, value: String(value) });

/** A policy for a task as a component of a CycloneDX document: `machine-learning-model` with its card (ECMA-424, 1.6). */
export function policyComponent(manifest: TaskPolicyManifest) {
  const { name, version_of_policy: version, task, robot, licence, sha256, training, metrics, images } = manifest;
  const { command, method, seed, episodes, steps, randomize, data } = training;
  const ref = `policy:${name}@${version}`;
  const told = { method, seed, episodes, steps, randomize, command };
  return {
    ...{ 'bom-ref': ref, type: 'machine-learning-model', name, version },
    description: `Policy for ${task} with ${robot}, ${images === undefined ? 'told the state' : 'by pictures'}.`,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    licenses: [{ license: { id: licence } }],
    modelCard: {
      'bom-ref': `${ref}#card`,
      modelParameters: {
        approach: { type: 'supervised' },
        task: `policy for ${task}`,
        architectureFamily: 'multilayer perceptron with action chunks',
        datasets: data.map((set, k) => ({
          ...{ type: 'dataset', name: `training data ${k + 1} of ${name}@${version}` },
          contents: { properties: [property('sha256', set.sha256), property('episodes', set.episodes)] },
        })),
        inputs: manifest.observation.map((one) => ({ format: `${one.name}: float32 [${one.size}] (${one.unit})` })),
        outputs: [{ format: `actions: float32 [${manifest.chunk}, ${manifest.action.names.length}], −1 to 1` }],
      },
      quantitativeAnalysis: {
        performanceMetrics: Object.entries(metrics).map(
          ([
            type,
            {
              value,
              interval: [lower, upper],
            },
          ]) => ({
            ...{ type, value: String(value), slice: 'last check of the training' },
            confidenceInterval: { lowerBound: String(lower), upperBound: String(upper) },
          }),
        ),
      },
    },
    properties: Object.entries(told).map(([key, value]) => property(key, value)),
  };
}
