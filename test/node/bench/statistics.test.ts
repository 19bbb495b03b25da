import { describe, expect, it } from "vitest";
import { lowerMean, median, quantile } from "../../../bench/harness/statistics.ts";

describe("statistics", () => {
  it("takes the middle value, or the mean of the middle two", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it("takes quantiles by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);

    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile(values, 1)).toBe(100);
  });

  it("leaves the slowest tenth out of the mean", () => {
    expect(lowerMean([1, 1, 1, 1, 1, 1, 1, 1, 1, 1_000])).toBe(1);
    expect(lowerMean([7])).toBe(7);
  });
});
