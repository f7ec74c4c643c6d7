import { type ReactNode, useEffect, useState } from 'react';
import { useKitTexts } from './context.ts';
import { Icon } from './icons.tsx';

export interface NoticeProps {
  readonly kind: 'fault' | 'warning' | 'info' | 'success';
  /** What happened, in plain words. */
  readonly title: string;
  readonly children?: ReactNode;
  /** What the reader does about it. */
  readonly next?: ReactNode;
  readonly actions?: ReactNode;
  /** Whether its appearance is announced; a fault interrupts what is being read. */
  readonly isAnnounced?: boolean;
}

export const Notice = ({ kind, title, children, next, actions, isAnnounced = false }: NoticeProps) => {
  const t = useKitTexts();
  const role = isAnnounced ? (kind === 'fault' ? 'alert' : 'status') : 'note';
  return (
    <div className="kit-notice" data-kind={kind} role={role}>
      <span className="kit-notice-mark">
        <Icon name={kind} />
      </span>
      <div className="kit-notice-body">
        <p className="kit-notice-kind">{t(`notice.${kind}`)}</p>
        <p className="kit-notice-title">{title}</p>
        {children === undefined ? null : <div>{children}</div>}
        {next === undefined ? null : (
          <p className="kit-notice-next">
            <strong>{t('notice.next')}</strong> {next}
          </p>
        )}
        {actions === undefined ? null : <div className="kit-button-row">{actions}</div>}
      </div>
    </div>
  );
};

export interface LiveRegionProps {
  readonly message: string;
  /** 'assertive' interrupts what is being read: for faults only. */
  readonly politeness?: 'polite' | 'assertive';
}

/** Heard, not seen: what changed on the screen. Stays mounted; a repeated message is said again. */
export const LiveRegion = ({ message, politeness = 'polite' }: LiveRegionProps) => {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    // Screen readers announce changes: an empty region first, then the text. Both after the frame that is seen.
    const timers = [setTimeout(() => setSpoken(''), 50), setTimeout(() => setSpoken(message), 100)];
    return () => timers.forEach(clearTimeout);
  }, [message]);
  return (
    <div className="kit-hidden" role={politeness === 'assertive' ? 'alert' : 'status'} aria-live={politeness}>
      {spoken}
    </div>
  );
};
