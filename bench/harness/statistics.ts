/** The median; the mean of the middle two for an even count. `NaN` for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which the share `q` (0 to 1) of the values lies, nearest rank. `NaN` for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/**
 * The mean of the lowest nine tenths. Works that allocate are judged by it: a median would hide the collections that
 * their garbage costs, a mean over everything would count the neighbours' interruptions too.
 */
export function lowerMean(values: readonly number[]): number {
  const kept = values.toSorted((a, b) => a - b).slice(0, Math.max(1, Math.floor(values.length * 0.9)));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
