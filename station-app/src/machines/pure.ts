/**
 * Drives a machine by XState's pure `transition`: compute the next state and the effects it asks for, commit facts and
 * state together, then run the effects. Nothing runs inside the machine, and time comes as events. Our machines have
 * no context and no nested states: the name of the state is the whole snapshot.
 */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  initialTransition,
  transition,
} from 'xstate';

export interface PureStep<State extends string> {
  readonly state: State;
  /** names of the effects, in order */
  readonly effects: readonly string[];
  /** false where the machine does not take this event in its state */
  readonly taken: boolean;
}

export interface PureMachine<State extends string, Event extends EventObject> {
  state(): State;
  /** What would come of the event; nothing has changed yet. */
  peek(event: Event): PureStep<State>;
  /** @returns the step taken */
  send(event: Event): PureStep<State>;
}

function nameOf(snapshot: AnyMachineSnapshot): string {
  if (typeof snapshot.value !== 'string') throw new Error('machines here have no nested states');
  return snapshot.value;
}

/** @throws where the machine has no such state: a snapshot of another version. */
export function pureMachine<State extends string, Event extends EventObject>(
  machine: AnyStateMachine,
  from?: State,
): PureMachine<State, Event> {
  let snapshot: AnyMachineSnapshot = initialTransition(machine, undefined)[0];
  if (from !== undefined) {
    if (!Object.hasOwn(machine.states, from)) throw new Error(`machine ${machine.id} has no state ${from}`);
    snapshot = machine.resolveState({ value: from, context: {} });
  }
  // Without context, state and event type decide everything: each pair is computed once.
  const known = new Map<string, { readonly next: AnyMachineSnapshot; readonly step: PureStep<State> }>();
  const compute = (event: Event): { readonly next: AnyMachineSnapshot; readonly step: PureStep<State> } => {
    const key = `${nameOf(snapshot)} ${event.type}`;
    let computed = known.get(key);
    if (computed === undefined) {
      const [next, actions] = transition(machine, snapshot, event);
      const step = {
        state: nameOf(next) as State,
        effects: actions.map((action) => action.type),
        taken: snapshot.can(event),
      };
      computed = { next, step };
      known.set(key, computed);
    }
    return computed;
  };
  return {
    state: () => nameOf(snapshot) as State,
    peek: (event) => compute(event).step,
    send(event) {
      const { next, step } = compute(event);
      snapshot = next;
      return step;
    },
  };
}
