export { openReplays, type Replays } from './replay_thread.ts';
export { type ReplayRoutesOptions, replayRoutes } from './routes.ts';
export { INCIDENTS_FOLDER } from './run_folders.ts';
