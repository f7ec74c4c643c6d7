/** The face of the bench: what rigs, labs and tests of other rooms use. */
export { type Bench, type BenchPorts, startBench } from './bench/bench.ts';
export type { BoxDoors, BoxHost, BoxSupply } from './bench/box-host.ts';
export {
  type BenchConfig,
  type BenchConfigInput,
  BOX_HOSTS,
  type BoxHostKind,
  benchConfigSchema,
  type StationBenchConfig,
  type StationBenchInput,
  stationBenchSchema,
} from './bench/config.ts';
export { qemuBoxSupply } from './bench/qemu-box.ts';
export { BENCH_REFUSALS, BenchRefusal, type BenchRefusalCode } from './bench/refusal.ts';
export { serialBoxSupply } from './bench/serial-box.ts';
export { simBoxSupply } from './bench/sim-box.ts';
export { type Applet, answer, type Card, type CardPorts, createCard } from './cards/card.ts';
export { createCardCrypto } from './cards/card-crypto.ts';
export { type CardState, createCardOf } from './cards/card-state.ts';
export { makeCertificate, SIMULATED_ISSUER, simulatedIssuerKey } from './cards/certificate.ts';
export { fingerTemplate, makeRoleCard, makeTarefeCard, makeVoterCard } from './cards/making.ts';
export { type BenchClient, createBenchClient } from './control/client.ts';
export type {
  CardView,
  Deed,
  DeedInput,
  DeedValues,
  EnrolledCard,
  Enrolment,
  NewCard,
  Place,
  RasterView,
  RoomView,
  StationState,
} from './control/deeds.ts';
export { createSerialCable, type SerialCable } from './links/serial-cable.ts';
export { createMechanics, FRESH_FACTS, type Mechanics, type MechanicsFacts } from './mechanics/mechanics.ts';
export { MechanicsViolation, type Raster } from './mechanics/printer.ts';
export { DURATIONS_MS, realSchedule, type Schedule, virtualSchedule } from './mechanics/schedule.ts';
export {
  type BallotRow,
  type BallotsFile,
  type CsvFault,
  type Precinct,
  parseBallotsCsv,
  UNDERVOTE,
} from './population/ballots-csv.ts';
export { type ContestShares, dealBallots, drawChoices, queueOf } from './population/dealing.ts';
export { EXERCISE_PEOPLE, EXERCISES, type Exercise } from './population/exercise.ts';
export {
  documentOf,
  type Person,
  type PersonDocument,
  parsePeople,
} from './population/people.ts';
export { type SeededRandom, seededRandom } from './population/random.ts';
export { createReaderDevice, type ReaderDevice, type ReaderHost } from './reader/device.ts';
export { createReaderCable, type ReaderCable } from './reader/socket.ts';
export { createUhidReader, READER_REPORT_DESCRIPTOR, type UhidReader } from './reader/uhid.ts';
export { type InsertedCard, insertIntoVirtualReader } from './reader/virtual-reader.ts';
