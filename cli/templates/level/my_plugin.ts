import { defineLevel } from "@tandem/env";

export default defineLevel({
  name: "my-plugin",
  description: "Two balls lie in a room; one of them is to be gone to.",
  details: `
    A room of five by five cells, its walls included, with two balls of different colours. Describe
    your own level here.`,
  roomSize: 5,
  build(world) {
    world.agent();
    const balls = [
      world.object({ type: "ball", color: "red" }),
      world.object({ type: "ball", color: "blue" }),
    ];
    world.goTo(world.choose(balls));
  },
});
