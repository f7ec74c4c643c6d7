/** The face of the model of the cast. */
export { type Exploration, type ExploreOptions, explore, type TraceStep, type Violation } from './explore.ts';
export { FAULT_KINDS, type FaultKind } from './faults.ts';
export type { Actor, Move } from './move.ts';
export { successors } from './moves.ts';
export {
  admissionInstruction,
  boxName,
  deskName,
  type Instruction,
  STEPS_OF_CODE,
  stationName,
  votingInstruction,
} from './names.ts';
export { isAtRest, isOver, PROPERTIES, type PropertyName } from './properties.ts';
export { type Bounds, type Breakage, broken, type Rules, SOUND } from './rules.ts';
export { BREAKAGES, SCENARIOS, scenario } from './scenarios.ts';
export { copy, isCommitted, NONE, type Start, type State, startState } from './state.ts';
