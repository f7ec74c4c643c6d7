import { localizeDigits } from '@sandoq/protocol/persian';
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useRef, useState } from 'react';
import { Button, ButtonRow } from './button.tsx';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';
import { onceAKey } from './press.ts';
import { useStable } from './stable.ts';

export interface ChoiceCardProps {
  /** The number keyed on the ballot box, in ASCII digits. */
  readonly code: string;
  readonly name: string;
  /** A second line: father's name, a list, a title. */
  readonly detail?: string;
  readonly pictureUrl?: string;
  /** where nobody of the list has a picture, no place is kept for one */
  readonly hasPicture?: boolean;
  /** `portrait`: the picture large, code and name under it */
  readonly look?: 'row' | 'portrait';
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
}

/** A picture beside its name, and so without words of its own; a figure stands where there is none that can be shown. */
export const Picture = memo(({ url }: { readonly url: string | undefined }) => {
  const [broken, setBroken] = useState<string>();
  return (
    <span className="kit-picture">
      {url === undefined || url === broken ? (
        <Icon name="person" />
      ) : (
        <img src={url} alt="" decoding="async" draggable={false} onError={() => setBroken(url)} />
      )}
    </span>
  );
});

/** A candidate, or a blank vote, that is chosen by touching anywhere on it. */
export const ChoiceCard = (props: ChoiceCardProps) => {
  const { code, name, detail, pictureUrl, look = 'row', isSelected, onChange, isDisabled = false } = props;
  const { hasPicture = true } = props;
  const { locale } = useRoot();
  const t = useKitTexts();
  const touched = useRef<string>(undefined);
  const change = (): void => onChange(!isSelected);
  return (
    <button
      type="button"
      className="kit-choice"
      data-look={look}
      data-plain={!hasPicture || undefined}
      aria-pressed={isSelected}
      data-selected={isSelected || undefined}
      disabled={isDisabled}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== ' ') return onceAKey(event);
        // A space bar marks as it goes down, as Enter does; the button by itself would wait until it comes up.
        event.preventDefault();
        if (!event.repeat) change();
      }}
      onPointerDown={() => {
        touched.current = code;
      }}
      onClick={(event: MouseEvent) => {
        // The next page's cards stand in the same places: a finger that came down on one person chooses no other.
        if (event.detail === 0 || (touched.current ?? code) === code) change();
      }}
    >
      {/* Another's picture is another element: until it is read, nobody else's stands beside the name. */}
      {hasPicture ? <Picture key={pictureUrl ?? ''} url={pictureUrl} /> : null}
      <span className="kit-choice-text">
        <span className="kit-choice-code">
          <span className="kit-hidden">{t('choice.code', { code })}</span>
          <span aria-hidden="true">{localizeDigits(code, locale)}</span>
        </span>
        <span className="kit-choice-name">{name}</span>
        {detail === undefined ? null : <span className="kit-choice-detail">{detail}</span>}
      </span>
      <span className="kit-choice-side" aria-hidden="true">
        <span className="kit-tick">{isSelected ? <Icon name="check" /> : null}</span>
        <span className="kit-choice-state">{t('choice.selected')}</span>
      </span>
    </button>
  );
};

export interface ChoiceGridProps {
  readonly label: string;
  /** as its cards' */
  readonly look?: 'row' | 'portrait';
  readonly children: ReactNode;
}

/** Choice cards in rows, in reading order. */
export const ChoiceGrid = ({ label, look = 'row', children }: ChoiceGridProps) => (
  <fieldset className="kit-choice-grid" data-look={look} aria-label={label}>
    {children}
  </fieldset>
);

export interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** pages that a second pair of buttons leaps over, where there are many */
  readonly leap?: number;
  readonly onChange: (page: number) => void;
}

/** Steps through a long list page by page; a page of cards is drawn in an instant, thousands are not. */
export const Pager = ({ page, pages, leap, onChange }: PagerProps) => {
  const t = useKitTexts();
  // At either end a button is disabled under the finger: the focus goes to the position, which is then read.
  const position = useRef<HTMLParagraphElement>(null);
  const turnTo = useStable((wanted: number): void => {
    const next = Math.min(pages, Math.max(1, wanted));
    onChange(next);
    if (next <= 1 || next >= pages) position.current?.focus();
  });
  const turnBy = useStable((pagesOn: number): void => turnTo(page + pagesOn));
  const [isFirst, isLast] = [page <= 1, page >= pages];
  return (
    <nav className="kit-pager" aria-label={t('pager.label')}>
      <PagerButtons at="start" isDisabled={isFirst} leap={leap} onTurn={turnBy} />
      <p role="status" ref={position} tabIndex={-1}>
        {t('pager.position', { page, pages })}
      </p>
      <PagerButtons at="end" isDisabled={isLast} leap={leap} onTurn={turnBy} />
    </nav>
  );
};

interface PagerButtonsProps {
  readonly at: 'start' | 'end';
  readonly isDisabled: boolean;
  readonly leap: number | undefined;
  readonly onTurn: (pagesOn: number) => void;
}

const PagerButtons = memo(({ at, isDisabled, leap, onTurn }: PagerButtonsProps) => {
  const t = useKitTexts();
  const way = at === 'start' ? -1 : 1;
  const one = (
    <Button
      key="one"
      icon={at === 'start' ? 'back' : 'forward'}
      iconAt={at}
      isDisabled={isDisabled}
      onPress={() => onTurn(way)}
    >
      {t(at === 'start' ? 'pager.previous' : 'pager.next')}
    </Button>
  );
  const far =
    leap === undefined ? null : (
      <Button key="far" isDisabled={isDisabled} onPress={() => onTurn(way * leap)}>
        {t(at === 'start' ? 'pager.leap_back' : 'pager.leap_on', { pages: leap })}
      </Button>
    );
  return <ButtonRow>{at === 'start' ? [far, one] : [one, far]}</ButtonRow>;
});
