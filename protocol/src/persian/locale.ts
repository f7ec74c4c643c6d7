/** The two languages of every screen, print and file. Persian comes first. */
export type Locale = 'fa' | 'en';

export const LOCALES: readonly Locale[] = ['fa', 'en'];

/** The direction in which the language is written. */
export const directionOf = (locale: Locale): 'rtl' | 'ltr' => (locale === 'fa' ? 'rtl' : 'ltr');
