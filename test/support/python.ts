export { type PythonEnvironment, pythonEnvironment } from '../../bench/python_environment.ts';
