import { formatInteger } from '@sandoq/protocol/persian';
import type { ReactNode } from 'react';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';

export interface Step {
  readonly id: string;
  readonly title: string;
  readonly state: 'done' | 'current' | 'waiting' | 'blocked';
  /** Whose turn it is, by role. */
  readonly who?: string;
  readonly detail?: ReactNode;
}

/** A procedure: what is done, what is next, who does it. */
export const StepList = ({ label, steps }: { readonly label: string; readonly steps: readonly Step[] }) => {
  const { locale } = useRoot();
  const t = useKitTexts();
  return (
    <ol className="kit-steps" aria-label={label}>
      {steps.map((step, index) => (
        <li
          key={step.id}
          data-state={step.state}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          <span className="kit-step-mark" aria-hidden="true">
            {step.state === 'done' ? <Icon name="check" /> : null}
            {step.state === 'blocked' ? <Icon name="cross" /> : null}
            {step.state === 'current' || step.state === 'waiting' ? formatInteger(index + 1, locale) : null}
          </span>
          <div className="kit-step-body">
            <p className="kit-step-title">{step.title}</p>
            {step.detail === undefined ? null : <div className="kit-step-detail">{step.detail}</div>}
          </div>
          <p className="kit-step-side">
            {step.who === undefined ? null : <span className="kit-step-who">{step.who}</span>}{' '}
            <span className="kit-step-state">{t(`step.${step.state}`)}</span>
          </p>
        </li>
      ))}
    </ol>
  );
};
