/**
 * People whom a trainer sends to the desk to be refused: made up, and nobody of the queue. The rehearsal's roll says of the
 * first that she is dead; children are on no roll; what is wrong with the third is her card.
 */
import type { Person } from './people.ts';

export const EXERCISES = ['dead', 'under_age', 'forged'] as const;
export type Exercise = (typeof EXERCISES)[number];

export const EXERCISE_PEOPLE: Readonly<Record<Exercise, Person>> = {
  dead: {
    national_code: '0045128731',
    name: { fa: 'کبری نیک‌نام', en: 'Kobra Niknam' },
    birth_date: '1931-04-02',
  },
  under_age: {
    national_code: '0497316501',
    name: { fa: 'پارسا امینی', en: 'Parsa Amini' },
    birth_date: '2014-07-19',
  },
  forged: {
    national_code: '1278044191',
    name: { fa: 'فرهاد زارعی', en: 'Farhad Zarei' },
    birth_date: '1979-11-30',
  },
};
