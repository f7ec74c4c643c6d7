/** Cross-tables of who took part: sums of sums, with the small-cell rule. Choices are never crossed with anything. Pure. */
import type { records } from '@sandoq/protocol';
import { pathKey } from '../totals/roll-up.ts';
import type { Snapshot } from './results.ts';
import { withholdSmall } from './suppression.ts';

/** Local and visiting voters are no cross-table: they stand beside every sum, because turnout needs them. */
export const CROSS_TABLES = ['documents', 'assistance'] as const;

export interface CrossTable {
  readonly table: (typeof CROSS_TABLES)[number];
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly province: string;
    readonly county: string;
    /** null: withheld by the small-cell rule */
    readonly cells: readonly (number | null)[];
    readonly total: number;
  }[];
  readonly totals: readonly number[];
}

export interface CrossTablesJson {
  readonly election: string;
  readonly revision: number;
  /** counts from 1 to one below this are withheld, and what would give them away */
  readonly small_cell_min: number;
  readonly tables: readonly CrossTable[];
}

const DOCUMENTS = [
  'national_card',
  'national_card_chipless',
  'shenasnameh',
  'passport',
  'driving_licence',
  'military_card',
  'code_only',
] as const satisfies readonly records.DocumentKind[];

function table(
  name: CrossTable['table'],
  columns: readonly string[],
  snapshot: Snapshot,
  smallCellMin: number,
  cellsOf: (admissions: records.AdmissionSummary) => readonly number[],
): CrossTable {
  const places = new Map<string, { province: string; county: string; cells: number[] }>();
  for (const { station, slip } of snapshot.stations) {
    if (slip === undefined) continue;
    const { province, county } = station.place;
    const key = pathKey([province, county]);
    const place = places.get(key) ?? { province, county, cells: columns.map(() => 0) };
    cellsOf(slip.checked.slip.admissions).forEach((count, i) => {
      place.cells[i] = (place.cells[i] as number) + count;
    });
    places.set(key, place);
  }
  const rows = [...places.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  const shown = withholdSmall(
    rows.map(({ cells }) => cells),
    smallCellMin,
  );
  return {
    table: name,
    columns,
    rows: rows.map(({ province, county, cells }, r) => ({
      province,
      county,
      cells: (shown[r] ?? []).map((cell) => cell ?? null),
      total: cells.reduce((sum, cell) => sum + cell, 0),
    })),
    totals: columns.map((_, c) => rows.reduce((sum, { cells }) => sum + (cells[c] as number), 0)),
  };
}

export function crossTables(snapshot: Snapshot, smallCellMin: number): CrossTablesJson {
  return {
    election: snapshot.provisioning.election,
    revision: snapshot.revision.number,
    small_cell_min: smallCellMin,
    tables: [
      table('documents', DOCUMENTS, snapshot, smallCellMin, ({ byDocument }) =>
        DOCUMENTS.map((kind) =>
          byDocument.reduce((sum, { document, count }) => sum + (document === kind ? count : 0), 0),
        ),
      ),
      table('assistance', ['unhelped', 'helped'], snapshot, smallCellMin, ({ admitted, helped }) => [
        admitted - helped,
        helped,
      ]),
    ],
  };
}
