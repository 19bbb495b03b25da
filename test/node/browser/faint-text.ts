// oxlint-disable unicorn/consistent-function-scoping -- it travels into the page as text, alone.

/**
 * Texts of the page that have less contrast to what is behind them than WCAG 2.2 asks for (1.4.3: 4.5 to 1).
 *
 * It runs in the page.
 */
export function findFaintText(): string[] {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channelsOf = (color: string): number[] => {
    if (canvas === null) throw new Error("no canvas to read colours with");
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminanceOf = (color: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = color.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): number[] => {
    if (element === null) return [255, 255, 255];
    const [red = 0, green = 0, blue = 0, alpha = 0] = channelsOf(getComputedStyle(element).backgroundColor);
    if (alpha === 255) return [red, green, blue];
    const under = behind(element.parentElement);
    return [red, green, blue].map(
      (channel, index) => (channel * alpha + (under[index] ?? 0) * (255 - alpha)) / 255,
    );
  };
  const hasText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());

  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && hasText(element))
    .flatMap((element) => {
      const text = luminanceOf(channelsOf(getComputedStyle(element).color).slice(0, 3));
      const backdrop = luminanceOf(behind(element));
      const contrast = (Math.max(text, backdrop) + 0.05) / (Math.min(text, backdrop) + 0.05);
      const words = element.textContent?.trim().slice(0, 40) ?? "";
      return contrast < 4.5 ? [`${words}: ${contrast.toFixed(2)}`] : [];
    });
}
