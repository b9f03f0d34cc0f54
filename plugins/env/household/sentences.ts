/** What is seen of a house: which of a fixed list of sentences are true. */
import { ABSENT, CONTAINERS, HELD, type House, PLACES, roomOf, ROOMS, THINGS } from "./house.ts";

const nameOfPlace = (place: number) => ROOMS[place] ?? CONTAINERS[place - ROOMS.length]!.name;

/** All sentences, in the order in which they are said. */
export const SENTENCES: readonly string[] = [
  ...ROOMS.map((room) => `You are in the ${room}`),
  ...THINGS.map((thing) => `You hold a ${thing}`),
  ...THINGS.flatMap((thing) =>
    Array.from({ length: PLACES }, (_, place) => `There is a ${thing} in the ${nameOfPlace(place)}`)
  ),
  ...CONTAINERS.flatMap(({ name, room }) =>
    ["a closed", "an open"].map((how) => `There is ${how} ${name} in the ${ROOMS[room]}`)
  ),
];

const [HOLDING, LYING] = [ROOMS.length, ROOMS.length + THINGS.length];
const CLOSED = LYING + THINGS.length * PLACES;

/**
 * Which sentences are true and told, [sentences] of 0 and 1.
 *
 * @param tellsAll Whether of other rooms is told, too.
 */
export function seenIn({ room, places, open }: House, tellsAll: boolean): Uint8Array {
  const seen = new Uint8Array(SENTENCES.length);
  seen[room] = 1;
  for (const [thing, place] of places.entries()) {
    if (place === HELD) seen[HOLDING + thing] = 1;
    else if (place !== ABSENT && (tellsAll || roomOf(place) === room)) {
      seen[LYING + thing * PLACES + place] = 1;
    }
  }
  for (const [index, container] of CONTAINERS.entries()) {
    if (tellsAll || container.room === room) seen[CLOSED + 2 * index + Number(open[index])] = 1;
  }
  return seen;
}
