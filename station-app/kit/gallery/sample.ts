import { formatInstant, IRAN_UTC_OFFSET_MINUTES } from '@sandoq/protocol/persian';
import { type DisplaySettings, useRoot, useTexts } from '../src/index.ts';
import en from './locales/en.json' with { type: 'json' };
import fa from './locales/fa.json' with { type: 'json' };

export interface PageProps {
  readonly settings: DisplaySettings;
  readonly onSettings: (settings: DisplaySettings) => void;
}

const TEXTS = { fa, en };

export const useSampleTexts = () => useTexts(TEXTS);

// Sunday 1 Azar 1405, 08:05 in Iran: pictures must not depend on when they are taken.
const SAMPLE_INSTANT_MS = Date.UTC(2026, 10, 22, 4, 35);

/** What every sample screen has in its frame. */
export const useFrame = () => {
  const { locale } = useRoot();
  const t = useSampleTexts();
  return {
    election: t('election'),
    station: t('station'),
    clock: formatInstant(SAMPLE_INSTANT_MS, IRAN_UTC_OFFSET_MINUTES, locale),
  };
};

export const SAMPLE_CODES = ['104', '207', '318', '421', '533', '640'] as const;
export const SAMPLE_FATHERS = {
  fa: ['بهرام', 'اسفندیار', 'منوچهر', 'کیومرث', 'هوشنگ', 'داریوش'],
  en: ['Bahram', 'Esfandiar', 'Manouchehr', 'Kiumars', 'Houshang', 'Dariush'],
} as const;
