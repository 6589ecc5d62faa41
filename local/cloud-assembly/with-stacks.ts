import type { LocalStack } from './local-stack.ts';

/** A stack with what other stacks add to the account, under its own name and with its own outputs first. */
export function withStacks(stack: LocalStack, others: readonly LocalStack[]): LocalStack {
  return others.reduce(
    (all, other) => ({
      name: all.name,
      functions: [...all.functions, ...other.functions],
      roles: [...all.roles, ...other.roles],
      stateMachines: [...all.stateMachines, ...other.stateMachines],
      buckets: [...all.buckets, ...other.buckets],
      queues: [...all.queues, ...other.queues],
      pipes: [...all.pipes, ...other.pipes],
      restApis: [...all.restApis, ...other.restApis],
      eventBuses: [...all.eventBuses, ...other.eventBuses],
      eventRules: [...all.eventRules, ...other.eventRules],
      distributions: [...all.distributions, ...other.distributions],
      customResources: [...all.customResources, ...other.customResources],
      resourcePolicies: { ...other.resourcePolicies, ...all.resourcePolicies },
      outputs: { ...other.outputs, ...all.outputs },
    }),
    stack,
  );
}
