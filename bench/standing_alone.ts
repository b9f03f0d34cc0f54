/** Charts as files of their own. */
import { INK } from "../lab/report/vega_svg.ts";

/** A page's variables, as a picture that stands alone has them. */
const COLOURS: Readonly<Record<string, string>> = {
  [INK.text]: "#1f2328",
  [INK.muted]: "#59636e",
  [INK.line]: "#d1d9e0",
  [INK.student]: "#0969da",
  [INK.teacher]: "#bc4c00",
  [INK.quiet]: "#9198a1",
};

/** A page's picture as a file of its own: on white, with its colours and letters. */
export function standingAlone(svg: string): string {
  const own =
    'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" style="background: #fff"';
  const inked = Object.entries(COLOURS)
    .reduce((all, [name, ink]) => all.replaceAll(name, ink), svg);
  return inked.replace("<svg", `<svg ${own}`);
}
