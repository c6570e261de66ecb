export type { ComparedMessages, MessageDifference } from './compare_messages.ts';
export type { Drift, DriftNumbers } from './drift.ts';
export { MEASURED_TOPICS, type MeasuredTopic } from './measured.ts';
export {
  type EpisodeOpenLoop,
  OPEN_LOOP_ENGINES,
  type OpenLoopEngine,
  openLoopEpisode,
  type PoseDrift,
} from './open_loop_episode.ts';
export { type OpenLoopTally, openLoopAll, type ReplayTally, replayAll } from './replay_all.ts';
export { type EpisodeReplay, type ReplayDuties, replayEpisode } from './replay_episode.ts';
export { figures, openLoopPage, replayPage } from './replay_page.ts';
export { CONTROLLED_BY, differenceText, measuredText } from './replay_words.ts';
export { Runners } from './runners.ts';
export { chosenSources, type ReplaySource, replaySources } from './sources.ts';
