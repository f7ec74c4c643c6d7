import { localizeDigits } from '@sandoq/protocol/persian';
import { type ReactNode, useRef } from 'react';
import { ToggleButton } from 'react-aria-components';
import { Button } from './button.tsx';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';

export interface ChoiceCardProps {
  /** The number keyed on the ballot box, in ASCII digits. */
  readonly code: string;
  readonly name: string;
  /** A second line: father's name, a list, a title. */
  readonly detail?: string;
  readonly pictureUrl?: string;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
}

/** A candidate, or a blank vote, that is chosen by touching anywhere on it. */
export const ChoiceCard = (props: ChoiceCardProps) => {
  const { code, name, detail, pictureUrl, isSelected, onChange, isDisabled = false } = props;
  const { locale } = useRoot();
  const t = useKitTexts();
  return (
    <ToggleButton className="kit-choice" isSelected={isSelected} onChange={onChange} isDisabled={isDisabled}>
      <span className="kit-picture">
        {pictureUrl === undefined ? <Icon name="person" /> : <img src={pictureUrl} alt="" decoding="async" />}
      </span>
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
    </ToggleButton>
  );
};

/** Choice cards in rows, in reading order. */
export const ChoiceGrid = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <fieldset className="kit-choice-grid" aria-label={label}>
    {children}
  </fieldset>
);

export interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly onChange: (page: number) => void;
}

/** Steps through a long list page by page; a page of cards is drawn in an instant, thousands are not. */
export const Pager = ({ page, pages, onChange }: PagerProps) => {
  const t = useKitTexts();
  // At either end a button is disabled under the finger: the focus goes to the position, which is then read.
  const position = useRef<HTMLParagraphElement>(null);
  const turnTo = (next: number): void => {
    onChange(next);
    if (next <= 1 || next >= pages) position.current?.focus();
  };
  return (
    <nav className="kit-pager" aria-label={t('pager.label')}>
      <Button icon="back" isDisabled={page <= 1} onPress={() => turnTo(page - 1)}>
        {t('pager.previous')}
      </Button>
      <p role="status" ref={position} tabIndex={-1}>
        {t('pager.position', { page, pages })}
      </p>
      <Button icon="forward" iconAt="end" isDisabled={page >= pages} onPress={() => turnTo(page + 1)}>
        {t('pager.next')}
      </Button>
    </nav>
  );
};
