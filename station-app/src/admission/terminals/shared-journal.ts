/** The journal as a desk of several terminals sees it: what it writes is told to the others, and the station's sums are whole. */
import type { Journal } from '../journal.ts';
import type { Admission } from '../journal-cell.ts';
import type { Terminals } from './terminals.ts';

export function sharedJournal(journal: Journal, terminals: Terminals): Journal {
  const station = () => ({ ...journal.station(), abandoned: terminals.abandoned() });
  return {
    station,
    setStation(next) {
      const before = station();
      journal.setStation(next);
      terminals.stationWas(before, next);
    },
    find: (code) => journal.find(code),
    lineOf: (line) => journal.lineOf(line),
    put(admission) {
      if (!journal.put(admission)) return false;
      terminals.wrote([admission]);
      return true;
    },
    merge: (admissions) => journal.merge(admissions),
    update(admissions) {
      journal.update(admissions);
      if (admissions.length > 0) terminals.wrote(admissions);
    },
    id: () => journal.id(),
    shared: () => journal.shared(),
    setShared: (bytes) => journal.setShared(bytes),
    admissions: () => journal.admissions(),
    ledger: () => ({ ...journal.ledger(), abandoned: terminals.abandoned() }),
    issued: () => journal.issued(),
    close: () => journal.close(),
  };
}

/** Who writes a line last stands in it; a line of a terminal that was cut off keeps its own. */
export const writtenBy = (terminals: Terminals | undefined, line: Admission): Admission =>
  terminals === undefined || line.apart === true ? line : { ...line, terminal: terminals.here };
