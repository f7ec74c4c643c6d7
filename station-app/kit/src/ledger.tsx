import { formatInteger } from '@sandoq/protocol/persian';
import { useKitTexts, useRoot } from './context.ts';
import { StatusPill } from './status.tsx';

export interface LedgerLine {
  readonly label: string;
  readonly value: number;
}

export interface LedgerProps {
  readonly title: string;
  /** What must equal the sum of the parts. */
  readonly whole: LedgerLine;
  readonly parts: readonly LedgerLine[];
}

export const ledgerDifference = ({ whole, parts }: Pick<LedgerProps, 'whole' | 'parts'>): number =>
  whole.value - parts.reduce((sum, part) => sum + part.value, 0);

/** One equation that must hold at any time: whole = sum of parts. It is added up here, from what it is given. */
export const Ledger = ({ title, whole, parts }: LedgerProps) => {
  const { locale } = useRoot();
  const t = useKitTexts();
  const difference = ledgerDifference({ whole, parts });
  return (
    <div className="kit-ledger" data-holds={difference === 0}>
      <table>
        <caption>{title}</caption>
        <tbody>
          <tr className="kit-ledger-whole">
            <th scope="row">{whole.label}</th>
            <td>{formatInteger(whole.value, locale)}</td>
          </tr>
          {parts.map((part, index) => (
            <tr key={part.label}>
              <th scope="row">
                <span className="kit-ledger-sign" aria-hidden="true">
                  {index === 0 ? '=' : '+'}
                </span>
                {index === 0 ? <span className="kit-hidden">{t('ledger.equals')} </span> : null}
                {part.label}
              </th>
              <td>{formatInteger(part.value, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <StatusPill status={difference === 0 ? 'good' : 'fault'}>
        {difference === 0 ? t('ledger.holds') : t('ledger.broken', { difference })}
      </StatusPill>
    </div>
  );
};
