/** A house in words: what stands where, what can be done, and how far it is to what is asked. */

/** Rooms; from the first one all others are entered, and from those the first alone. */
export const ROOMS = ["hall", "kitchen", "bathroom", "bedroom", "garden"] as const;

/** What is opened and holds things, and the room where it stands. */
export const CONTAINERS = [
  { name: "drawer", room: ROOMS.indexOf("bedroom") },
  { name: "box", room: ROOMS.indexOf("garden") },
] as const;

/** Things; the first ones are food. */
export const THINGS = ["carrot", "potato", "shirt", "cup", "key", "ball"] as const;

/** How many of the things are food. */
const FOODS = 2;

/** Where a thing can be: a room, a container, in hands, or not in this house. */
export const PLACES = ROOMS.length + CONTAINERS.length;
export const [HELD, ABSENT] = [PLACES, -1];

/** What can be asked for: to do something to the thing in hands. */
export const DEEDS = [
  {
    says: (thing: string) => `cook the ${thing}`,
    action: "cook it",
    place: ROOMS.indexOf("kitchen"),
  },
  {
    says: (thing: string) => `wash the ${thing}`,
    action: "wash it",
    place: ROOMS.indexOf("bathroom"),
  },
  ...CONTAINERS.map(({ name }, index) => ({
    says: (thing: string) => `put the ${thing} into the ${name}`,
    action: `put it into the ${name}`,
    place: ROOMS.length + index,
  })),
] as const;

/** An action: its kind, and the room, thing, container or deed that it is about. */
export interface HouseAction {
  readonly kind: "go" | "take" | "drop" | "open" | "do";
  readonly about: number;
  readonly name: string;
}

/** All actions. */
export const ACTIONS: readonly HouseAction[] = [
  ...ROOMS.map((room, about) => ({ kind: "go" as const, about, name: `go to the ${room}` })),
  ...THINGS.map((thing, about) => ({ kind: "take" as const, about, name: `take the ${thing}` })),
  { kind: "drop", about: 0, name: "drop it" },
  ...CONTAINERS.map(({ name }, about) => ({
    kind: "open" as const,
    about,
    name: `open the ${name}`,
  })),
  ...DEEDS.map(({ action }, about) => ({ kind: "do" as const, about, name: action })),
];

/** A house as it is, as JSON. */
export interface House {
  /** Where the agent is: an index of {@linkcode ROOMS}. */
  readonly room: number;
  /** Where each thing is: a room, a container behind the rooms, {@linkcode HELD} or {@linkcode ABSENT}. */
  readonly places: readonly number[];
  /** Which containers are open. */
  readonly open: readonly boolean[];
}

/** What is asked for. */
export interface Task {
  /** An index of {@linkcode DEEDS}. */
  readonly deed: number;
  /** An index of {@linkcode THINGS}. */
  readonly thing: number;
}

/** The task as a mission. */
export function missionOf({ deed, thing }: Task): string {
  return DEEDS[deed]!.says(THINGS[thing]!);
}

/** Whether a thing can have a deed done to it at all. */
export function suits({ deed, thing }: Task): boolean {
  return DEEDS[deed]!.action !== "cook it" || thing < FOODS;
}

/** The room in which a place is. */
export function roomOf(place: number): number {
  return place < ROOMS.length ? place : CONTAINERS[place - ROOMS.length]!.room;
}

/** The thing in hands; -1 where there is none. */
function heldIn({ places }: House): number {
  return places.indexOf(HELD);
}

/** Whether a place can be reached into: a room can, a container where it is open. */
function isOpen({ open }: House, place: number): boolean {
  return place < ROOMS.length || open[place - ROOMS.length]!;
}

/** Whether an action can be done. */
export function canDo(house: House, { kind, about }: HouseAction): boolean {
  const held = heldIn(house);
  const place = house.places[about]!;
  switch (kind) {
    case "go":
      return distance(house.room, about) === 1;
    case "take":
      return held < 0 && place !== ABSENT && roomOf(place) === house.room && isOpen(house, place);
    case "drop":
      return held >= 0;
    case "open":
      return CONTAINERS[about]!.room === house.room && !house.open[about];
    case "do": {
      const at = DEEDS[about]!.place;
      return held >= 0 && suits({ deed: about, thing: held }) && roomOf(at) === house.room &&
        isOpen(house, at);
    }
  }
}

/** The house after an action that can be done. */
export function after(house: House, { kind, about }: HouseAction): House {
  const moved = (thing: number, place: number) => ({
    ...house,
    places: house.places.map((before, index) => index === thing ? place : before),
  });
  switch (kind) {
    case "go":
      return { ...house, room: about };
    case "take":
      return moved(about, HELD);
    case "drop":
      return moved(heldIn(house), house.room);
    case "open":
      return { ...house, open: house.open.map((open, index) => open || index === about) };
    case "do": {
      const at = DEEDS[about]!.place;
      return at < ROOMS.length ? house : moved(heldIn(house), at);
    }
  }
}

/** What an action achieves in a house, in the words of missions. */
export function achievementOf(house: House, { kind, about, name }: HouseAction): string {
  const held = heldIn(house);
  if (kind === "do") return missionOf({ deed: about, thing: held });
  return kind === "drop" ? `drop the ${THINGS[held]!}` : name;
}

/** Least number of actions until a task is done. */
export function stepsTo(house: House, { deed, thing }: Task): number {
  const to = DEEDS[deed]!.place;
  const opening = (place: number) => isOpen(house, place) ? 0 : 1;
  const from = house.places[thing]!;
  if (from === HELD) return distance(house.room, roomOf(to)) + opening(to) + 1;
  const dropping = heldIn(house) < 0 ? 0 : 1;
  const fetching = distance(house.room, roomOf(from)) + opening(from) + dropping + 1;
  return fetching + distance(roomOf(from), roomOf(to)) + opening(to) + 1;
}

/** Doors between two rooms. */
function distance(from: number, to: number): number {
  if (from === to) return 0;
  return from === 0 || to === 0 ? 1 : 2;
}
