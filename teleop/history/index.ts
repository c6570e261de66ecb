export { HISTORY_KEPT, type HistoryCut, type HistoryQuery, type KeptPicture, LiveHistory } from './history.ts';
export { type HistoryRoutesOptions, historyRoutes } from './routes.ts';
