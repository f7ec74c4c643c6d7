/** The counting rules that a contest may name (protocol/docs/LAW.md). */
export const LAW_RULES = [
  'plurality',
  'majles',
  'president',
  'experts',
  'city_council',
  'rural_council',
  'council_lists',
  'runoff',
] as const;
