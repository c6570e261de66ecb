export { type FileParameters, parametersFor, parseParameterFile, readParameterFile } from './parameter_file.ts';
export { parameterEvent, parameterServices } from './parameter_services.ts';
export { type ParameterRange, type ParameterSpec, parameterSpecs } from './parameter_specs.ts';
export {
  type ParameterChange,
  type ParameterHost,
  type ParameterOverride,
  ParameterStore,
  type StandardParameters,
} from './parameter_store.ts';
export { fromPlain, NOT_SET, type ParameterType, type ParameterValue, showValue } from './parameter_value.ts';
export { namesOf, overridesOf, parseRosArguments, type RosArguments, type RosNames } from './ros_arguments.ts';
