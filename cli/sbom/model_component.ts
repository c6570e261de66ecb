import { type MetricSet, type ModelManifest, reliabilitySvg } from '../../perception/index.ts';

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const property = (name: string, value: unknown) => ({ name: `surepick:${name}`, value: textOf(value) });

/** A model as a component of a CycloneDX document: `machine-learning-model` with its model card (ECMA-424, 1.6). */
export function modelComponent(manifest: ModelManifest) {
  const { name, version, description, licence, sha256, bytes, role, training } = manifest;
  const { data_sha256: _, rebuild, ...facts } = training;
  const told = { bytes, role, ...facts, ...(rebuild === undefined ? {} : { rebuild }) };
  return {
    ...{ 'bom-ref': refOf(manifest), type: 'machine-learning-model', name, version, description },
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    licenses: [/^[A-Za-z0-9.+-]+$/.test(licence) ? licenceOf(licence) : { expression: licence }],
    modelCard: {
      'bom-ref': `${refOf(manifest)}#card`,
      modelParameters: parametersOf(manifest),
      quantitativeAnalysis: analysisOf(manifest),
      considerations: { technicalLimitations: [...manifest.limits] },
    },
    properties: Object.entries(told).map(([key, value]) => property(key, value)),
  };
}

const refOf = ({ name, version }: ModelManifest) => `model:${name}@${version}`;

/** `LicenseRef-…` is in no list of SPDX. */
function licenceOf(licence: string) {
  return { license: licence.startsWith('LicenseRef-') ? { name: licence } : { id: licence } };
}

function parametersOf(manifest: ModelManifest) {
  const { inputs, outputs, classes, training } = manifest;
  const formatOf = ({ name, type, shape, layout, what, units }: ModelManifest['inputs'][number]) => ({
    format: `${name}: ${type} ${layout} [${shape.join(', ')}], ${what} (${units})`,
  });
  const properties = [
    property('classes', classes.map(({ name }) => name).join(', ')),
    property('sha256_of_first_batches', training.data_sha256),
    property('command', training.command),
  ];
  return {
    approach: { type: 'supervised' },
    task: 'semantic segmentation of colour and depth pictures',
    architectureFamily: 'convolutional neural network',
    datasets: [
      { type: 'dataset', name: `training data of ${manifest.name}@${manifest.version}`, contents: { properties } },
    ],
    inputs: inputs.map(formatOf),
    outputs: outputs.map(formatOf),
  };
}

function analysisOf({ metrics, calibration }: ModelManifest) {
  const calibrated: MetricSet[] =
    calibration?.measured === undefined
      ? []
      : [
          {
            set: calibration.fitted_on.set,
            seed: calibration.fitted_on.seed,
            pictures: 0,
            values: calibration.measured,
          },
        ];
  const performanceMetrics = [...metrics, ...calibrated].flatMap(({ set, values }) =>
    Object.entries(values).map(([name, { value, unit, interval95 }]) => ({
      ...{ type: unit === '1' ? name : `${name} (${unit})`, value: String(value), slice: set },
      ...(interval95 === undefined
        ? {}
        : { confidenceInterval: { lowerBound: `${interval95[0]}`, upperBound: `${interval95[1]}` } }),
    })),
  );
  const bins = calibration?.reliability ?? [];
  if (bins.length === 0) return { performanceMetrics };
  const content = Buffer.from(reliabilitySvg('reliability', bins)).toString('base64');
  const image = { contentType: 'image/svg+xml', encoding: 'base64', content };
  return { performanceMetrics, graphics: { collection: [{ name: 'reliability', image }] } };
}
