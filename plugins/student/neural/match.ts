import * as v from "valibot";
import { annealed, grainsOf, whole } from "@tandem/core/kit";
import { definePlugin, type EnvSpec, option, type Plugin, TandemError } from "@tandem/core";
import type { Tensor2D, Tensor3D } from "@tandem/runtimes/tfjs";
import type { MapFunction, MapInputs, MapOptions } from "./engine.ts";
import { Odometry } from "@tandem/core/internal";
import { Phrases } from "./phrases.ts";
import { createActorCritic, ppoOptions, type Reading } from "./ppo.ts";
import type { MatchOptions } from "../options.ts";

const four = (least: number) =>
  v.pipe(whole(least, 64), v.multipleOf(4, "it must be a multiple of 4"));

/** How many maps there are, and how much of a mission they read. */
export interface ReadingOptions {
  readonly maps: number;
  readonly plainMaps: number;
  readonly clauses: number;
  readonly positions: number;
  readonly pose: boolean;
}

/** What {@linkcode match} reads by unless it is told otherwise. */
export const READING: ReadingOptions = {
  ...{ maps: 4, plainMaps: 4, clauses: 4, positions: 20, pose: false },
};

const matchOptions = {
  ...ppoOptions,
  maps: option(
    "Maps of the cells that match a query of the mission, K, a multiple of 4.",
    four(4),
    READING.maps,
  ),
  plainMaps: option(
    "Maps of the cells that no mission changes, F, a multiple of 4.",
    four(4),
    READING.plainMaps,
  ),
  clauses: option("The most clauses of a mission.", whole(1, 16), READING.clauses),
  positions: option(
    "The most words of a clause, with the one that joins it on.",
    whole(2, 64),
    READING.positions,
  ),
  pose: option(
    `Whether it keeps track of where it has come to since its episode began, for missions that name
    places as seen from there ("on your left").`,
    v.boolean(),
    READING.pose,
  ),
  memory: option(
    `Numbers that it remembers of an episode, a multiple of 8, for levels of several rooms; 0 for
    none. It learns by whole rollouts then, as \`recurrent-ppo\` does.`,
    v.pipe(whole(0, 1024), v.multipleOf(8, "it must be a multiple of 8")),
    0,
  ),
} as const;

/** PPO whose network matches the mission's words with what is seen. */
export const match: Plugin<"student", MatchOptions> = definePlugin({
  kind: "student",
  name: "match",
  description: "PPO whose network matches the mission's words with what is seen.",
  details: `
    A policy must find in what it sees what its mission speaks of. A dense layer over cells and words
    side by side learns that pair by pair and place by place; this network has it as an equation.

    Each cell of the grid is a vector, the sum of an embedding of each of its categories, and the
    mission makes K queries, whose product with a cell says how well it matches:

        c_i = sum over the cell's categories r of cell[r] (+ place[i]),
        q_k = sum over the mission's words w at place p of gate[p, k] word[w] (+ asked_k),
        m_ik = c_i . q_k / sqrt(d) + b_k,

    with one table of words for all roles: the gate by place says which word counts for what, as in
    "put the red ball next to the blue box". Places count from the beginning of each clause. The state
    is what these maps say, at once everywhere and as attention, beside F maps without a mission:

        maps = relu(m_ik),  5 softmax over i of (3 s_k m_ik),  relu(sum over r of plain[r]),
        s = (maps, the rest of the observation, the mission's words),

    and what follows is \`ppo\`'s network with relu in place of tanh: heads for the policy, Q and V,
    guidance as an input or what \`guidance\` says. With \`pose\` the agent's direction and place since
    the episode began, by its own actions, are a part of s, asked_k is a perceptron of them and the
    words, and each cell has a vector of its own, place[i]. With \`memory\` the heads read a gated
    recurrent unit in place of what is seen, as in \`recurrent-ppo\`.

    The tables cell, word, gate, place and b, s learn at six times the rate of the rest. An embedding
    has 16 numbers. What is known to go with it in BabyAI's single rooms: a learning rate of 0.002,
    minibatches of 128 or 256 of 64 worlds x 16 steps, \`gae\` with gamma 0.9 (0.95 where much has to
    be done) and lambda 0.95, and \`env.timedReward\` false. A
    \`learningRateDecay\` of as many iterations as the run has, "run", steadies its end. Missions that are longer than
    \`clauses\` and \`positions\` hold are refused.`,
  options: matchOptions,
  fits: (options) => ["grid", "discrete", ...grainsOf(options)],
  create(options, context, wiring) {
    const { clip, entropy, valueLoss, qLoss, replayLoss } = options;
    const loss = { clip, entropy, valueLoss, qLoss, replayLoss, standardise: true };
    return createActorCritic(
      {
        ...options,
        memory: options.memory || undefined,
        loss,
        imitationAt: annealed(options),
        reading: readingOf("match", wiring.env, options),
      },
      context,
      wiring,
    );
  },
});

/** Who asks for a pose. */
const ASKS = { who: 'The student "match"', without: "student.pose=false" } as const;

/**
 * Reads an env by maps, for the student of this name.
 *
 * @throws TandemError E_WIRING where the env has no grid or no words, or no pose where one is asked for.
 */
export function readingOf(student: string, env: EnvSpec, options: ReadingOptions): Reading {
  const phrases = new Phrases(env, options.clauses, options.positions);
  const odometry = options.pose ? new Odometry(env, ASKS) : undefined;
  const maps = { ...gridOf(student, env), ...widthsOf(options, phrases), mapsOf };
  return { maps, phrases, odometry };
}

/** Numbers that stand for a cell, and for a word. */
const WIDTH = 16;

/** What attention's scores and shares are multiplied by, so that it tells from the first step on. */
const SHARPNESS = 3, LOUDNESS = 5;

function widthsOf(
  { maps, plainMaps }: { readonly maps: number; readonly plainMaps: number },
  { slots }: Phrases,
): Pick<MapOptions, "matched" | "plain" | "width" | "slots"> {
  return { matched: maps, plain: plainMaps, width: WIDTH, slots };
}

/** The cells of the observation's grid. @throws TandemError E_WIRING where there is none. */
function gridOf(
  student: string,
  { id, observation }: EnvSpec,
): Pick<MapOptions, "cells" | "channels"> {
  const space = Object.values(observation)[0];
  if (space?.kind !== "multi-discrete" || space.layout !== "grid" || !space.channels) {
    throw new TandemError(
      "E_WIRING",
      `The student "${student}" needs a grid whose channels are told as the observation's first tensor, ` +
        `and "${id}" shows "${space?.kind ?? "nothing"}".`,
    );
  }
  const { nvec } = space;
  const channels = nvec.slice(0, space.channels);
  // What follows the cells, such as a direction, has other categories.
  const other = nvec.findIndex((categories, k) => categories !== channels[k % channels.length]);
  return { cells: Math.floor((other < 0 ? nvec.length : other) / channels.length), channels };
}

/** The equations of {@linkcode match} for B states; a cell's maps stand side by side. */
export const mapsOf: MapFunction = (tf, inputs, weight) => {
  const [size, categories, count] = inputs.cells.shape;
  const cells = rowsOf(inputs.cells.transpose([0, 2, 1]), categories); // [B C, R]
  const queries = queriesOf(inputs, weight); // [B, K, d]
  const [matched, width] = queries.shape.slice(1) as [number, number];
  const column = (name: "match" | "match/bias") => weight(name)!.reshape<Tensor2D>([matched, 1]);

  const embedded = cells.matMul<Tensor2D>(weight("cell") as Tensor2D)
    .reshape<Tensor3D>([size, count, width]);
  const place = weight("place");
  const c = place ? embedded.add<Tensor3D>(place) : embedded;
  const products = c.expandDims(1).mul(queries.expandDims(2)).sum<Tensor3D>(3);
  const m = products.div<Tensor3D>(Math.sqrt(width)).add<Tensor3D>(column("match/bias")); // [B, K, C]
  const sharp = m.mul<Tensor3D>(column("match").mul(SHARPNESS));
  const attention = sharp.softmax<Tensor3D>(2).mul<Tensor3D>(LOUDNESS);
  const plain = cells.matMul<Tensor2D>(weight("plain") as Tensor2D).relu<Tensor2D>();

  const flat = (maps: Tensor3D) =>
    maps.transpose([0, 2, 1]).reshape<Tensor2D>([size, count * matched]);
  const others = plain.reshape<Tensor2D>([size, count * plain.shape[1]]);
  return tf.concat2d([flat(m.relu()), flat(attention), others], 1);
};

/** [B, K, d] the sum over places of gate x word, and what else the queries depend on. */
function queriesOf(
  { slots, beside }: MapInputs,
  weight: Parameters<MapFunction>[2],
): Tensor3D {
  const [word, gate] = [weight("word") as Tensor2D, weight("gate") as Tensor2D];
  const [size, places, words] = slots.shape;
  const [width, matched] = [word.shape[1], gate.shape[1]];
  const said = rowsOf(slots, words).matMul<Tensor2D>(word).reshape<Tensor3D>([size, places, width]);
  const queries = rowsOf(said.transpose([0, 2, 1]), places).matMul<Tensor2D>(gate)
    .reshape<Tensor3D>([size, width, matched]);
  const [query, asked] = [weight("query"), weight("asked")];
  if (!query || !asked) return queries.transpose([0, 2, 1]);
  const hidden = beside.matMul<Tensor2D>(query as Tensor2D).add<Tensor2D>(weight("query/bias")!);
  const more = hidden.relu<Tensor2D>().matMul<Tensor2D>(asked as Tensor2D)
    .add<Tensor2D>(weight("asked/bias")!);
  return queries.add<Tensor3D>(more.reshape([size, width, matched])).transpose([0, 2, 1]);
}

function rowsOf(x: Tensor3D, columns: number): Tensor2D {
  return x.reshape([-1, columns]);
}
