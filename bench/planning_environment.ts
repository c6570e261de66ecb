import { type PythonEnvironment, pythonEnvironment } from './python_environment.ts';

/** Pinocchio with Coal, OMPL, and the upstream robots with their meshes and SRDFs; made at the first call. */
export function planningEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('planning', ['example-robot-data==6.0.0', 'pin==4.1.0', 'ompl==2.0.1', 'numpy==2.2.6']);
}
