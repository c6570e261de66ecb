export { checkBundle, isBundle } from './check_bundle.ts';
export { FLIGHT, FlightRecorder, type FlightRecorderOptions } from './flight_recorder.ts';
export { type Incident, type IncidentFacts, Incidents, type IncidentsOptions } from './incidents.ts';
export { type IncidentRoutesOptions, incidentRoutes } from './routes.ts';
