export type { ComparedMessages, MessageDifference } from './compare_messages.ts';
export { MEASURED_TOPICS, type MeasuredTopic } from './measured.ts';
export { type ReplayTally, replayAll } from './replay_all.ts';
export { type EpisodeReplay, type ReplayDuties, replayEpisode } from './replay_episode.ts';
export { Runners } from './runners.ts';
export { chosenSources, type ReplaySource, replaySources } from './sources.ts';
