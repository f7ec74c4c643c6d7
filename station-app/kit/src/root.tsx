import { directionOf, type Locale } from '@sandoq/protocol/persian';
import { memo, type ReactNode, useLayoutEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components';
import { RootContext, useKitTexts } from './context.ts';
import { type Mode, PX_PER_MM_NOMINAL, type TextSize, type Theme } from './display.ts';

export interface RootProps {
  readonly locale: Locale;
  readonly theme: Theme;
  readonly size: TextSize;
  /** Measured pixels a millimetre of this panel; without it text and targets have CSS's nominal size. */
  readonly pxPerMm?: number;
  /** A rehearsal is marked on every screen and over every dialog. */
  readonly mode: Mode;
  readonly children: ReactNode;
}

// React Aria adds a one-line style element unless an element of this id exists. The kit's own style sheet says
// the same, so that a policy of `style-src 'self'` is never broken.
const PRESSABLE_STYLE_ID = 'react-aria-pressable-style';

const dressDocument = ({ locale, theme, size, pxPerMm, mode }: Omit<RootProps, 'children'>): void => {
  const html = document.documentElement;
  html.lang = locale;
  html.dir = directionOf(locale);
  // Or the browser offers to translate a Persian page, over the page.
  html.translate = false;
  html.dataset.theme = theme;
  html.dataset.size = String(size);
  html.dataset.mode = mode;
  html.style.setProperty('--px-per-mm', String(pxPerMm ?? PX_PER_MM_NOMINAL));
  if (document.getElementById(PRESSABLE_STYLE_ID) === null) {
    const standIn = document.createElement('meta');
    standIn.id = PRESSABLE_STYLE_ID;
    document.head.append(standIn);
  }
};

const RehearsalBand = memo(() => {
  const t = useKitTexts();
  return (
    <>
      <aside className="kit-rehearsal" aria-label={t('rehearsal.watermark')} data-react-aria-top-layer="true">
        <p>{t('rehearsal.band')}</p>
      </aside>
      <svg className="kit-watermark" aria-hidden="true" focusable="false">
        <defs>
          <pattern
            id="kit-watermark"
            width="960"
            height="340"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(-20)"
          >
            <text x="240" y="120">
              {t('rehearsal.watermark')}
            </text>
            <text x="720" y="290">
              {t('rehearsal.watermark')}
            </text>
          </pattern>
        </defs>
        <rect width="100%" height="100%" fill="url(#kit-watermark)" />
      </svg>
    </>
  );
});

/**
 * Once a page, around everything: language, direction, theme, text size and mode. They are set on the document
 * element, so that dialogs, which React Aria renders beside the page, have them too.
 */
export const Root = ({ children, ...look }: RootProps) => {
  const { locale, theme, size, pxPerMm, mode } = look;
  useLayoutEffect(() => {
    dressDocument({ locale, theme, size, mode, ...(pxPerMm === undefined ? {} : { pxPerMm }) });
  }, [locale, theme, size, pxPerMm, mode]);
  const value = useMemo(() => ({ locale, mode }), [locale, mode]);
  return (
    <RootContext value={value}>
      <I18nProvider locale={locale === 'fa' ? 'fa-IR' : 'en-GB'}>
        {mode === 'rehearsal' ? <RehearsalBand /> : null}
        {children}
      </I18nProvider>
    </RootContext>
  );
};
