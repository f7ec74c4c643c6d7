/** People shown at once; in a file of its own, for the page and the process. */
export const PEOPLE_PAGE = 12;
