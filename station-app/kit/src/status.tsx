import { formatInteger } from '@sandoq/protocol/persian';
import { memo, type ReactNode } from 'react';
import { useRoot } from './context.ts';
import { Icon, type IconName } from './icons.tsx';

export type Status = 'good' | 'warning' | 'fault' | 'info' | 'busy' | 'off';

const ICONS: Readonly<Record<Status, IconName>> = {
  good: 'success',
  warning: 'warning',
  fault: 'fault',
  info: 'info',
  busy: 'wait',
  off: 'off',
};

/** A state in a word or two; its colour only repeats what icon and words say. */
export const StatusPill = memo(
  ({ status, children }: { readonly status: Status; readonly children: ReactNode }) => (
    <span className="kit-pill" data-status={status}>
      <Icon name={ICONS[status]} />
      <span>{children}</span>
    </span>
  ),
);

export interface StatTileProps {
  readonly label: string;
  /** A whole number is grouped and written in the digits of the language. */
  readonly value: number | string;
  readonly unit?: string;
  readonly detail?: ReactNode;
  readonly status?: Status;
}

export const StatTile = ({ label, value, unit, detail, status }: StatTileProps) => {
  const { locale } = useRoot();
  return (
    <div className="kit-tile" data-status={status}>
      <p className="kit-tile-label">{label}</p>
      <p className="kit-tile-value">
        <strong>{typeof value === 'number' ? formatInteger(value, locale) : value}</strong>
        {unit === undefined ? null : <span> {unit}</span>}
      </p>
      {detail === undefined ? null : <div className="kit-tile-detail">{detail}</div>}
    </div>
  );
};

/** Tiles in a row that wraps. */
export const TileRow = ({ children }: { readonly children: ReactNode }) => (
  <div className="kit-tile-row">{children}</div>
);
