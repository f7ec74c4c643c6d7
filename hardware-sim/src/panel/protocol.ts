/** What the panel's page and the bench say to each other over the WebSocket. */
import type { DeedInput, StationState } from '../control/deeds.ts';
import type { PeoplePage } from './people-list.ts';

export interface PeopleQuery {
  readonly station: string;
  readonly search: string;
  readonly from: number;
}

export type FromPage =
  | { readonly id: number; readonly deed: DeedInput }
  | { readonly id: number; readonly people: PeopleQuery }
  | { readonly id: number; readonly show: string };

export type ToPage =
  | { readonly event: 'stations'; readonly stations: readonly string[] }
  | { readonly event: 'state'; readonly state: StationState }
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string };

export type { PeoplePage };
