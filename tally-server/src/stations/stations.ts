/** The stations of an election: which are expected, and when each was last heard from. */
import type { Provisioning, StationId } from '@sandoq/protocol';
import type { Database, Migrations } from '../database/database.ts';

export const STATIONS_MIGRATIONS: Migrations = {
  module: 'stations',
  steps: [
    `CREATE TABLE stations_seen (
       election TEXT NOT NULL,
       station TEXT NOT NULL,
       last_seen INTEGER NOT NULL,
       PRIMARY KEY (election, station)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

export interface Stations {
  isExpected(provisioning: Provisioning, station: string): boolean;
  /** A station proved itself by a record that it signed. */
  seen(election: string, station: string, atSeconds: number): void;
  /** epoch seconds, or undefined where the station was never heard from */
  lastSeen(election: string, station: string): number | undefined;
}

export function createStations(database: Database): Stations {
  const write = database.prepare<[string, string, number]>(
    `INSERT INTO stations_seen (election, station, last_seen) VALUES (?, ?, ?)
     ON CONFLICT (election, station) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)`,
  );
  const read = database.prepare<[string, string], { last_seen: number }>(
    'SELECT last_seen FROM stations_seen WHERE election = ? AND station = ?',
  );
  return {
    isExpected: (provisioning, station) => provisioning.stations.has(station as StationId),
    seen: (election, station, atSeconds) => {
      write.run(election, station, atSeconds);
    },
    lastSeen: (election, station) => read.get(election, station)?.last_seen,
  };
}
