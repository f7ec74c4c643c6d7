import { formatInteger } from '@sandoq/protocol/persian';
import type { ReactNode } from 'react';
import { useKitTexts, useRoot } from './context.ts';

export interface TableColumn<Id extends string> {
  readonly id: Id;
  readonly title: string;
  /** Numbers stand at the end of the cell, digits under digits. */
  readonly isNumeric?: boolean;
}

export interface TableRow<Id extends string> {
  readonly id: string;
  /** A number is written in the digits of the language. The first column is the row's heading. */
  readonly cells: Readonly<Record<Id, ReactNode>>;
  readonly isTotal?: boolean;
}

export interface DataTableProps<Id extends string> {
  readonly caption: string;
  readonly isCaptionHidden?: boolean;
  readonly columns: readonly TableColumn<Id>[];
  readonly rows: readonly TableRow<Id>[];
  readonly empty?: string;
}

export const DataTable = <Id extends string>(props: DataTableProps<Id>) => {
  const { caption, isCaptionHidden = false, columns, rows, empty } = props;
  const { locale } = useRoot();
  const t = useKitTexts();
  const write = (cell: ReactNode): ReactNode =>
    typeof cell === 'number' ? formatInteger(cell, locale) : cell;
  return (
    <div className="kit-table">
      <table>
        <caption className={isCaptionHidden ? 'kit-hidden' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" data-numeric={column.isNumeric}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-total={row.isTotal}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row" data-numeric={column.isNumeric}>
                    {write(row.cells[column.id])}
                  </th>
                ) : (
                  <td key={column.id} data-numeric={column.isNumeric}>
                    {write(row.cells[column.id])}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 0 ? null : <p className="kit-table-empty">{empty ?? t('table.empty')}</p>}
    </div>
  );
};
