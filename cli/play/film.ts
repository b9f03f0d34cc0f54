/** Steps as one picture that moves: an SVG of pictures that follow one another, for pages and talks. */
import { type Html, markup, svgSource } from "../../lab/report/html.ts";
import type { Frame } from "./frame.ts";

/** Height of the lines below the world, and width of a picture, in pixels. */
const [CAPTION, WIDTH] = [76, 360];

/** Seconds that the last picture stays longer. */
const PAUSE = 1.5;

/**
 * An animated SVG, which begins anew at its end. Each picture is one that the env drew.
 *
 * @param perSecond Steps a second.
 */
export function film(frames: readonly Frame[], perSecond: number): string {
  const drawn = frames.filter(({ svg }) => svg !== undefined);
  const seconds = drawn.length / perSecond + PAUSE;
  const height = WIDTH + CAPTION;
  const pictures = drawn.map((frame, i) => {
    const [from, to] = [i / perSecond / seconds, (i + 1) / perSecond / seconds];
    return picture(frame, { from, to: i === drawn.length - 1 ? 1 : to, seconds });
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="${WIDTH}" height="${height}" font-family="sans-serif">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${pictures.join("\n")}\n</svg>\n`;
}

/** What stands below a step's world, in three lines: the mission, what is said and what is done. */
export function captionOf({ mission, episode, step, said, did, end }: Frame): readonly string[] {
  return [
    `${episode}.${step}  ${mission}`,
    `teacher says ${said ? `“${said.text}”` : "nothing"}`,
    `student does ${did}${end ? `: ${end}` : ""}`,
  ];
}

/** When a picture is seen, as shares of the film's time. */
interface Showing {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

function picture(frame: Frame, { from, to, seconds }: Showing): Html {
  const text = captionOf(frame).map((line, i) =>
    markup`<text x="8" y="${WIDTH + 22 + 22 * i}" font-size="15">${line}</text>`
  );
  const times = [0, from, to].map((time) => Number(time.toFixed(6))).join(";");
  return markup`<g visibility="hidden"><animate attributeName="visibility" calcMode="discrete"
values="hidden;visible;hidden" keyTimes="${times}" dur="${seconds.toFixed(3)}s"
repeatCount="indefinite"/><image href="${
    svgSource(frame.svg!)
  }" width="${WIDTH}" height="${WIDTH}"/>${text}</g>`;
}
