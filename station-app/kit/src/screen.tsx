import { formatInteger } from '@sandoq/protocol/persian';
import { memo, type ReactNode, useEffect, useId, useRef } from 'react';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';

export interface ScreenProps {
  /** What this screen is for: the page's one first-level heading. */
  readonly title: string;
  /** A sentence under the title. */
  readonly lead?: ReactNode;
  readonly election: string;
  readonly station: string;
  /** Ballots cast at this station since opening; the public may read it at any time. */
  readonly publicCounter?: number;
  /** Date and clock, already written for the reader. */
  readonly clock?: string;
  /** State of the station or the like, at the end of the title's line. */
  readonly status?: ReactNode;
  /** Language, size and theme; a menu. */
  readonly tools?: ReactNode;
  /** What the person at this screen does next, in a sentence. */
  readonly next?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A region that scrolls must be reachable by keyboard, and one that does not must not be a stop. */
const useScrollStop = () => {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    // In the same frame: by the next drawing somebody could have looked for the stop in vain.
    const measure = () => {
      element.tabIndex = element.scrollHeight > element.clientHeight + 1 ? 0 : NO_STOP;
    };
    const observer = new ResizeObserver(measure);
    // The frame stays while what is in it is exchanged: what comes later is measured too.
    const observeAll = () => {
      observer.disconnect();
      observer.observe(element);
      for (const child of element.children) observer.observe(child);
    };
    const exchanged = new MutationObserver(observeAll);
    exchanged.observe(element, { childList: true });
    observeAll();
    measure();
    return () => {
      exchanged.disconnect();
      observer.disconnect();
    };
  }, []);
  return ref;
};
const NO_STOP = -1;

/** Dialogs, which are drawn beside the page, begin under the header. */
const useHeaderHeight = () => {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const style = document.documentElement.style;
    const observer = new ResizeObserver(() => style.setProperty('--header', `${element.offsetHeight}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty('--header');
    };
  }, []);
  return ref;
};

/** A band of eight-pointed stars, as around the pages of old books; decoration only. */
const StarBand = memo(() => {
  const id = useId();
  return (
    <svg className="kit-star-band" aria-hidden="true" focusable="false">
      <defs>
        <pattern id={id} width="24" height="12" patternUnits="userSpaceOnUse">
          <path d="M12 1 13.8 4.2 17 2.9 15.8 6 17 9.1 13.8 7.8 12 11 10.2 7.8 7 9.1 8.2 6 7 2.9 10.2 4.2Z" />
          <path d="M0 3.8 2.2 6 0 8.2M24 3.8 21.8 6 24 8.2" />
        </pattern>
      </defs>
      <rect width="100%" height="12" fill={`url(#${id})`} />
    </svg>
  );
});

type HeaderProps = Pick<ScreenProps, 'election' | 'station' | 'clock' | 'tools' | 'publicCounter'>;

/** The frame's parts are drawn again only where they changed: at a key press they seldom do. */
const Header = memo(({ election, station, clock, tools, publicCounter }: HeaderProps) => {
  const { locale } = useRoot();
  const t = useKitTexts();
  const header = useHeaderHeight();
  return (
    <header className="kit-header" ref={header}>
      <span className="kit-mark">
        <Icon name="mark" />
      </span>
      <div className="kit-where">
        <p className="kit-election">{election}</p>
        <p className="kit-station">
          <span>{station}</span>
          {clock === undefined ? null : <span className="kit-clock">{clock}</span>}
        </p>
      </div>
      {tools === undefined ? null : <div className="kit-tools">{tools}</div>}
      {publicCounter === undefined ? null : (
        <p className="kit-counter">
          <span className="kit-counter-label">{t('counter.label')}</span>{' '}
          <strong>{formatInteger(publicCounter, locale)}</strong>
        </p>
      )}
      <StarBand />
    </header>
  );
});

const Footer = memo(({ next, actions }: Pick<ScreenProps, 'next' | 'actions'>) => {
  const t = useKitTexts();
  if (next === undefined && actions === undefined) return null;
  return (
    <footer className="kit-footer">
      {next === undefined ? null : (
        <p className="kit-next">
          <span className="kit-next-label">{t('screen.next')}</span> <span>{next}</span>
        </p>
      )}
      {actions === undefined ? null : <div className="kit-button-row">{actions}</div>}
    </footer>
  );
});

export const Screen = (props: ScreenProps) => {
  const { title, lead, status, next, actions, children, ...header } = props;
  const main = useScrollStop();
  const titleId = useId();
  return (
    <div className="kit-screen">
      <Header {...header} />
      <main className="kit-main" ref={main} tabIndex={NO_STOP} aria-labelledby={titleId}>
        <div className="kit-title">
          <div>
            <h1 id={titleId}>{title}</h1>
            {lead === undefined ? null : <p className="kit-lead">{lead}</p>}
          </div>
          {status === undefined ? null : <div className="kit-title-status">{status}</div>}
        </div>
        {children}
      </main>
      <Footer next={next} actions={actions} />
    </div>
  );
};

/** A titled part of a screen. */
export const Panel = ({
  title,
  level = 2,
  children,
}: {
  readonly title?: string;
  readonly level?: 2 | 3;
  readonly children: ReactNode;
}) => {
  const id = useId();
  const Title = level === 2 ? 'h2' : 'h3';
  if (title === undefined) return <div className="kit-panel">{children}</div>;
  return (
    <section className="kit-panel" aria-labelledby={id}>
      <Title id={id}>{title}</Title>
      {children}
    </section>
  );
};

/** Parts side by side where there is room, in reading order; `wide` gives the first twice the width. */
export const Columns = ({
  shape = 'even',
  children,
}: {
  readonly shape?: 'even' | 'wide' | 'narrow';
  readonly children: ReactNode;
}) => (
  <div className="kit-columns" data-shape={shape}>
    {children}
  </div>
);
