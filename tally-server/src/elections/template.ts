/** A definition to begin from: every part once, small, a demonstration, without a mistake. */
import type { ElectionDefinitionInput } from './definition.ts';

export const electionTemplate = (): ElectionDefinitionInput => ({
  id: 'election-1405',
  version: 1,
  title: { fa: 'انتخابات نمایشی', en: 'Demonstration election' },
  demonstration: true,
  contests: [
    {
      id: 'majles',
      title: { fa: 'مجلس شورای اسلامی', en: 'Majles' },
      law: 'majles',
      seats: 1,
      choicesMax: 1,
      candidates: [
        { code: '001', name: { fa: 'نامزد نخست', en: 'First candidate' } },
        { code: '002', name: { fa: 'نامزد دوم', en: 'Second candidate' } },
      ],
    },
  ],
  styles: [{ id: 'all', name: { fa: 'همهٔ رأی‌گیری‌ها', en: 'All contests' }, contests: ['majles'] }],
  settings: {
    opensAt: '2026-11-27T08:00:00+03:30',
    closesAt: '2026-11-27T18:00:00+03:30',
    openMinutesMin: 600,
    denominator: 'all_votes',
  },
});
