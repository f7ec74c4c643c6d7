import { Label, ProgressBar } from 'react-aria-components';
import { useKitTexts } from './context.ts';

export interface ProgressProps {
  readonly label: string;
  /** Whole numbers; without a value it is under way and nobody knows how far. */
  readonly value?: number;
  readonly max?: number;
  /** Instead of "12 of 117". */
  readonly valueText?: string;
}

export const Progress = ({ label, value, max = 100, valueText }: ProgressProps) => {
  const t = useKitTexts();
  const written = valueText ?? (value === undefined ? undefined : t('progress.of', { value, max }));
  return (
    <ProgressBar
      className="kit-progress"
      maxValue={max}
      {...(value === undefined ? { isIndeterminate: true } : { value })}
      {...(written === undefined ? {} : { valueLabel: written })}
    >
      {({ percentage }) => (
        <>
          <Label>{label}</Label>
          {written === undefined ? null : <span className="kit-progress-value">{written}</span>}
          <svg className="kit-progress-track" aria-hidden="true" focusable="false">
            <rect className="kit-progress-all" width="100%" height="100%" />
            {percentage === undefined ? (
              <rect className="kit-progress-unknown" width="100%" height="100%" />
            ) : (
              <rect className="kit-progress-done" width={`${percentage}%`} height="100%" />
            )}
          </svg>
        </>
      )}
    </ProgressBar>
  );
};
