import { LOCALES, type Locale } from '@sandoq/protocol/persian';
import { type ReactNode, useId, useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { Button } from './button.tsx';
import { useKitTexts } from './context.ts';
import { Dialog } from './dialog.tsx';
import { TEXT_SIZES, type TextSize, THEMES, type Theme } from './display.ts';

export interface SegmentedOption<Id extends string> {
  readonly id: Id;
  /** What is seen; also the name, unless `name` says more. */
  readonly label: ReactNode;
  readonly name?: string;
}

export interface SegmentedChoiceProps<Id extends string> {
  readonly label: string;
  readonly options: readonly SegmentedOption<Id>[];
  readonly value: Id;
  readonly onChange: (value: Id) => void;
  readonly isLabelHidden?: boolean;
}

/** One of a few, all in sight. */
export const SegmentedChoice = <Id extends string>(props: SegmentedChoiceProps<Id>) => {
  const { label, options, value, onChange, isLabelHidden = false } = props;
  const labelId = useId();
  return (
    <div className="kit-segmented">
      <span id={labelId} className={isLabelHidden ? 'kit-hidden' : 'kit-segmented-label'}>
        {label}
      </span>
      <ToggleButtonGroup
        className="kit-segments"
        aria-labelledby={labelId}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[value]}
        onSelectionChange={(keys) => {
          const chosen = options.find((option) => keys.has(option.id));
          if (chosen !== undefined) onChange(chosen.id);
        }}
      >
        {options.map((option) => (
          <ToggleButton
            key={option.id}
            id={option.id}
            className="kit-segment"
            {...(option.name === undefined ? {} : { 'aria-label': option.name })}
          >
            {option.label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
};

export interface DisplaySettings {
  readonly locale: Locale;
  readonly size: TextSize;
  readonly theme: Theme;
}

export interface DisplayControlsProps {
  readonly value: DisplaySettings;
  readonly onChange: (value: DisplaySettings) => void;
}

const LANGUAGE_NAMES = { fa: 'فارسی', en: 'English' } as const;
const SAMPLE_LETTER = { fa: 'ا', en: 'A' } as const;

/** Language, text size and colours. A voter may change them at any moment and loses nothing by it. */
export const DisplayControls = ({ value, onChange }: DisplayControlsProps) => {
  const t = useKitTexts();
  return (
    <div className="kit-display-controls">
      <SegmentedChoice
        label={t('display.language')}
        options={LOCALES.map((locale) => ({
          id: locale,
          label: <span lang={locale}>{LANGUAGE_NAMES[locale]}</span>,
        }))}
        value={value.locale}
        onChange={(locale) => onChange({ ...value, locale })}
      />
      <SegmentedChoice
        label={t('display.size')}
        options={TEXT_SIZES.map((size) => ({
          id: String(size),
          name: t(`display.size.${size}`),
          label: (
            <span className="kit-size-sample" data-sample={size} aria-hidden="true">
              {SAMPLE_LETTER[value.locale]}
            </span>
          ),
        }))}
        value={String(value.size)}
        onChange={(id) =>
          onChange({ ...value, size: TEXT_SIZES.find((size) => String(size) === id) ?? value.size })
        }
      />
      <SegmentedChoice
        label={t('display.theme')}
        options={THEMES.map((theme) => ({
          id: theme,
          label: (
            <>
              <span className="kit-swatch" data-swatch={theme} aria-hidden="true" />
              {t(`display.theme.${theme}`)}
            </>
          ),
        }))}
        value={value.theme}
        onChange={(theme) => onChange({ ...value, theme })}
      />
    </div>
  );
};

/** A button for the frame that opens the display controls. */
export const DisplayMenu = (props: DisplayControlsProps) => {
  const t = useKitTexts();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button icon="look" onPress={() => setOpen(true)}>
        {t('display.menu')}
      </Button>
      <Dialog
        isOpen={isOpen}
        title={t('display.menu')}
        onClose={close}
        actions={
          <Button kind="primary" onPress={close}>
            {t('dialog.close')}
          </Button>
        }
      >
        <DisplayControls {...props} />
      </Dialog>
    </>
  );
};
