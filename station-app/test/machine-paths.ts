/**
 * Tests made from the machines themselves: xstate walks a machine's graph, and for every transition that it declares
 * the shortest way there is a path to be run. A transition that no path takes is named.
 */
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { getShortestPaths, getStateNodes } from 'xstate/graph';

/** More states than any machine here has: contexts that grow without end are found out. */
export const GRAPH_STATES_MAX = 2_000;

export interface MachinePath {
  /** the transition that this path is for: `STATE EVENT #1 → TARGET` */
  readonly transition: string;
  /** events in order; the last one takes the transition */
  readonly events: readonly AnyEventObject[];
  /** what the machine is in after each event but the last */
  readonly states: readonly AnyMachineSnapshot[];
}

const nameOf = ({ source, eventType, target }: AnyTransitionDefinition, place: number): string =>
  `${source.id} ${eventType} #${place + 1} → ${target?.map(({ id }) => id).join(' ') ?? 'stays'}`;

/** Every transition that the machine declares, also those under a guard and those of its root. */
export function declaredTransitions(machine: AnyStateMachine): Map<AnyTransitionDefinition, string> {
  const declared = new Map<AnyTransitionDefinition, string>();
  for (const node of [machine.root, ...getStateNodes(machine.root)])
    for (const candidates of node.transitions.values())
      for (const [place, transition] of candidates.entries())
        declared.set(transition, nameOf(transition, place));
  return declared;
}

/** @param events every event that is to be tried in every state, with each payload that a guard or context can tell apart */
export function machinePaths(machine: AnyStateMachine, events: readonly AnyEventObject[]): MachinePath[] {
  const declared = declaredTransitions(machine);
  const found = new Map<string, MachinePath>();
  const plans = getShortestPaths(machine, { events: [...events], limit: GRAPH_STATES_MAX * events.length });
  const shortestFirst = [...plans].sort((a, b) => a.steps.length - b.steps.length);
  for (const { state, steps } of shortestFirst) {
    // xstate puts the start of the machine in front as a step of its own.
    const way = steps.filter(({ event }) => event.type !== 'xstate.init');
    for (const event of events)
      for (const taken of machine.getTransitionData(state, event)) {
        const transition = declared.get(taken);
        if (transition === undefined) throw new Error(`${machine.id}: a transition that is not declared`);
        if (found.has(transition)) continue;
        found.set(transition, {
          transition,
          events: [...way.map((step) => step.event), event],
          states: way.map((step) => step.state),
        });
      }
  }
  return [...found.values()];
}

/** What no path takes. */
export const unreached = (machine: AnyStateMachine, paths: readonly MachinePath[]): string[] => {
  const taken = new Set(paths.map(({ transition }) => transition));
  return [...declaredTransitions(machine).values()].filter((name) => !taken.has(name));
};
