import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { filesBelow } from './sources.ts';

/** Path of the first network that the repository ships. */
export function shippedModel(): string {
  const model = filesBelow(join(PACKAGE_ROOT, 'models')).find((path) => path.endsWith('.onnx'));
  if (model === undefined) throw new Error('models/ has no .onnx file');
  return join(PACKAGE_ROOT, model);
}
