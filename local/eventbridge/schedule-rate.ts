const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/**
 * Seconds between two events of a schedule; undefined for an expression that is no rate.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions
 */
export function scheduleRate(expression: string): number | undefined {
  const [, value, unit] =
    /^rate\((?:(1) (minute|hour|day)|([2-9]|[1-9]\d+) (minute|hour|day)s)\)$/
      .exec(expression)
      ?.filter((part) => part !== undefined) ?? [];
  const seconds = Number(value) * SECONDS[unit as keyof typeof SECONDS];
  return seconds > 0 ? seconds : undefined;
}
