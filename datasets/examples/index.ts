export {
  type ExampleFacts,
  type ReadExample,
  readExample,
  readExamples,
  type StoredFrame,
  writeExample,
} from './example_files.ts';
export { EXAMPLES_FOLDER, type LabelledExample, labelledExample } from './labelled_example.ts';
export {
  type AskedPolicy,
  POLICY_EXAMPLES_FOLDER,
  type PolicyExample,
  policyExample,
  readPolicyExample,
  writePolicyExample,
} from './policy_example.ts';
