export { planningEnvironment, type UpstreamRobot, upstreamRobots } from '../../bench/planning_environment.ts';
export { type PythonEnvironment, pythonEnvironment } from '../../bench/python_environment.ts';
