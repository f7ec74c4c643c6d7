/**
 * Which article each rule rests on: a reference for the reader of the minutes, not a source of behaviour.
 * The confidence is that of the reference. An election file may give its own under `articles`.
 */
import type { Article, Contest } from './election.ts';

const CONSTITUTION = 'Constitution of the Islamic Republic of Iran';
const MAJLES_LAW = 'Majles Election Law, as amended in 1402';
const PRESIDENT_LAW = 'Presidential Election Law';
const EXPERTS_LAW = 'Law of the Assembly of Experts';
const COUNCILS_LAW = 'Law of the Islamic Councils and Election of Mayors, as amended to 1403';
const PACKAGE = 'settings of the election package';

export const ARTICLES: ReadonlyMap<string, Article> = new Map<string, Article>([
  ['plurality', { law: PACKAGE, article: null, confidence: 'L' }],
  ['majles.threshold', { law: MAJLES_LAW, article: '9', confidence: 'M' }],
  ['majles.runoff', { law: MAJLES_LAW, article: '10', confidence: 'M' }],
  ['majles.second_round', { law: MAJLES_LAW, article: '9', confidence: 'M' }],
  ['president.majority', { law: CONSTITUTION, article: '117', confidence: 'H' }],
  ['president.runoff', { law: CONSTITUTION, article: '117', confidence: 'H' }],
  ['president.second_round', { law: PRESIDENT_LAW, article: '13', confidence: 'M' }],
  ['experts.plurality', { law: EXPERTS_LAW, article: null, confidence: 'L' }],
  ['city_council.plurality', { law: COUNCILS_LAW, article: null, confidence: 'L' }],
  ['rural_council.plurality', { law: COUNCILS_LAW, article: null, confidence: 'L' }],
  ['council_lists.seats', { law: COUNCILS_LAW, article: null, confidence: 'L' }],
  ['alternates', { law: COUNCILS_LAW, article: null, confidence: 'L' }],
  ['runoff.plurality', { law: PACKAGE, article: null, confidence: 'L' }],
  ['tie_by_lot', { law: MAJLES_LAW, article: '9, note 1', confidence: 'M' }],
  ['namesakes', { law: MAJLES_LAW, article: '23, note 2', confidence: 'M' }],
  ['withdrawn', { law: PACKAGE, article: null, confidence: 'L' }],
  ['vacant', { law: PACKAGE, article: null, confidence: 'L' }],
]);

export function seatArticle(contest: Contest): string {
  switch (contest.rule) {
    case 'plurality':
      return 'plurality';
    case 'majles':
      return 'majles.threshold';
    case 'president':
      return 'president.majority';
    case 'runoff':
      return contest.runoff_of === null ? 'runoff.plurality' : `${contest.runoff_of}.second_round`;
    case 'council_lists':
      return 'council_lists.seats';
    default:
      return `${contest.rule}.plurality`;
  }
}

export function runoffArticle(contest: Contest): string {
  return contest.rule === 'president' ? 'president.runoff' : 'majles.runoff';
}

export function articleOf(contest: Contest, key: string): Article {
  const article = contest.articles.get(key) ?? ARTICLES.get(key);
  if (article === undefined) throw new Error(`no article is known under the key ${key}`);
  return article;
}
