/** The people of a station's queue, searched as a person types: names in any spelling, codes in any digits. */
import { readFileSync } from 'node:fs';
import { searchFinds, searchKey, toAsciiDigits } from '@sandoq/protocol/persian';
import { documentOf, type Person, type PersonDocument, parsePeople } from '../population/people.ts';
import { PEOPLE_PAGE } from './people-page.ts';

export interface PersonView extends Person {
  readonly document: PersonDocument;
}

export interface PeoplePage {
  readonly people: readonly PersonView[];
  readonly from: number;
  readonly found: number;
}

const keyOf = (person: Person): string => searchKey(`${person.name.fa} ${person.name.en}`);

export interface PeopleList {
  page(search: string, from: number): PeoplePage;
}

export function openPeopleList(path: string | null): PeopleList {
  // Read when first asked for: a panel that nobody opens costs nothing.
  let people: readonly Person[] | undefined;
  return {
    page(search, from) {
      people ??= path === null ? [] : parsePeople(readFileSync(path, 'utf8'));
      const digits = toAsciiDigits(search).replace(/\s/g, '');
      const wanted = searchKey(search);
      const isCode = /^[0-9]+$/.test(digits);
      const found =
        search.trim() === ''
          ? people
          : people.filter((one) =>
              isCode ? one.national_code.startsWith(digits) : searchFinds(keyOf(one), wanted),
            );
      const page = found.slice(from, from + PEOPLE_PAGE);
      return {
        people: page.map((one) => ({
          national_code: one.national_code,
          name: one.name,
          birth_date: one.birth_date,
          document: documentOf(one.national_code),
        })),
        from,
        found: found.length,
      };
    },
  };
}
