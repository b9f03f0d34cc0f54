/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** Options of `ppo`: PPO with Q and V heads over the observation and the guidance. */
export interface PpoOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 512. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Weight of Q's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly qLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Whether it takes its likeliest action when it is measured, in place of drawing one. Default:
   * false.
   */
  readonly deterministic?: boolean;
  /**
   * What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
   * where it can do what is asked, unless the device is a GPU. Default: "auto".
   */
  readonly runtime?: "auto" | "fused" | "tfjs";
  /**
   * Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
   * number; more than one pays for itself from some 100 samples a minibatch on cores that are free.
   * A whole number from 0 to 64. Default: 1.
   */
  readonly threads?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /**
   * Clipping range of the probability ratio, epsilon. A number from 1e-12 to 1000. Default: 0.2.
   */
  readonly clip?: number;
  /** Weight of the entropy bonus. A number from 0 to 1000000. Default: 0.01. */
  readonly entropy?: number;
  /**
   * Whether guidance reaches the student; one that does not hear any is a control. Default: true.
   */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": inputs of the network. "trust": beside that, the
   * policy's logits are f(s, x) + trust(s) log p(. | s), with p the teacher's distribution and the
   * trust learned. "annealed": no input, but a cross-entropy to p in the loss, whose weight falls
   * to 0, so that nothing is missed once the teacher has left. These two are for guidance that
   * names actions. "mission": what is said is read in the place of the mission, where missions are
   * made of its words; for subgoals and plans. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed" | "mission";
  /**
   * How guidance at the grain "reference" is read, where it is an input: as a "map", a plane over
   * the places of the view with the chosen one and one with the teacher's distribution; or as a
   * "pointer", how far to the right and ahead the chosen place is, and whether there is one.
   * Default: "map".
   */
  readonly reference?: "map" | "pointer";
  /**
   * Steps for which what was said stands at most, where guidance is "mission"; it is over before
   * where the env says that it was achieved, or the episode ends. A whole number from 1 to 1000000.
   * Default: 20.
   */
  readonly missionSteps?: number;
  /**
   * The trust at first, where guidance is "trust": at 1 the student begins by acting as the teacher
   * would, above it by taking what the teacher finds likeliest more often than that. A number from
   * 1e-12 to 1000. Default: 1.
   */
  readonly initialTrust?: number;
  /**
   * Weight of the cross-entropy at first, where guidance is "annealed". A number from 0 to 1000000.
   * Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that weight falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
  /**
   * Weight at which it stays in place of falling to 0: the student goes on leaning a little. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly imitationFloor?: number;
  /**
   * Weight of a cross-entropy to p of the policy as it is in silence, where guidance is "features"
   * or "trust": what the student does with its teacher it learns to do without. For guidance that
   * names actions. A number from 0 to 1000000. Default: 0.
   */
  readonly distillation?: number;
  /**
   * How far a cross-entropy to p is let through. "open": all of it. "return": times the probability
   * that episodes with the teacher achieve more than those without, in which advice on trial leaves
   * the student alone. "advantage": state by state, times a sigmoid of what p is worth less what
   * the student's own policy is, by its Q. Default: "open".
   */
  readonly distillationGate?: "open" | "return" | "advantage";
  /**
   * Weight of the loss of past steps, where an extra stage such as hindsight-replay holds some:
   * each minibatch takes as many beside, with -log P(a | s) max(R - V(s), 0) + 1/2 max(R - V(s),
   * 0)^2. At 0 none are taken. A number from 0 to 1000000. Default: 1.
   */
  readonly replayLoss?: number;
}

/**
 * Options of `recurrent-ppo`: PPO with a memory of the episode (GRU), for mazes and other half-seen
 * worlds.
 */
export interface RecurrentPpoOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 512. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Weight of Q's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly qLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Whether it takes its likeliest action when it is measured, in place of drawing one. Default:
   * false.
   */
  readonly deterministic?: boolean;
  /**
   * What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
   * where it can do what is asked, unless the device is a GPU. Default: "auto".
   */
  readonly runtime?: "auto" | "fused" | "tfjs";
  /**
   * Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
   * number; more than one pays for itself from some 100 samples a minibatch on cores that are free.
   * A whole number from 0 to 64. Default: 1.
   */
  readonly threads?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /**
   * Clipping range of the probability ratio, epsilon. A number from 1e-12 to 1000. Default: 0.2.
   */
  readonly clip?: number;
  /** Weight of the entropy bonus. A number from 0 to 1000000. Default: 0.01. */
  readonly entropy?: number;
  /**
   * Whether guidance reaches the student; one that does not hear any is a control. Default: true.
   */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": inputs of the network. "trust": beside that, the
   * policy's logits are f(s, x) + trust(s) log p(. | s), with p the teacher's distribution and the
   * trust learned. "annealed": no input, but a cross-entropy to p in the loss, whose weight falls
   * to 0, so that nothing is missed once the teacher has left. These two are for guidance that
   * names actions. "mission": what is said is read in the place of the mission, where missions are
   * made of its words; for subgoals and plans. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed" | "mission";
  /**
   * How guidance at the grain "reference" is read, where it is an input: as a "map", a plane over
   * the places of the view with the chosen one and one with the teacher's distribution; or as a
   * "pointer", how far to the right and ahead the chosen place is, and whether there is one.
   * Default: "map".
   */
  readonly reference?: "map" | "pointer";
  /**
   * Steps for which what was said stands at most, where guidance is "mission"; it is over before
   * where the env says that it was achieved, or the episode ends. A whole number from 1 to 1000000.
   * Default: 20.
   */
  readonly missionSteps?: number;
  /**
   * The trust at first, where guidance is "trust": at 1 the student begins by acting as the teacher
   * would, above it by taking what the teacher finds likeliest more often than that. A number from
   * 1e-12 to 1000. Default: 1.
   */
  readonly initialTrust?: number;
  /**
   * Weight of the cross-entropy at first, where guidance is "annealed". A number from 0 to 1000000.
   * Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that weight falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
  /**
   * Weight at which it stays in place of falling to 0: the student goes on leaning a little. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly imitationFloor?: number;
  /**
   * Weight of a cross-entropy to p of the policy as it is in silence, where guidance is "features"
   * or "trust": what the student does with its teacher it learns to do without. For guidance that
   * names actions. A number from 0 to 1000000. Default: 0.
   */
  readonly distillation?: number;
  /**
   * How far a cross-entropy to p is let through. "open": all of it. "return": times the probability
   * that episodes with the teacher achieve more than those without, in which advice on trial leaves
   * the student alone. "advantage": state by state, times a sigmoid of what p is worth less what
   * the student's own policy is, by its Q. Default: "open".
   */
  readonly distillationGate?: "open" | "return" | "advantage";
  /**
   * Weight of the loss of past steps, where an extra stage such as hindsight-replay holds some:
   * each minibatch takes as many beside, with -log P(a | s) max(R - V(s), 0) + 1/2 max(R - V(s),
   * 0)^2. At 0 none are taken. A number from 0 to 1000000. Default: 1.
   */
  readonly replayLoss?: number;
  /**
   * Numbers that it remembers of an episode, a multiple of 8. A whole number from 8 to 1024.
   * Default: 64.
   */
  readonly memory?: number;
}

/** Options of `actor-critic`: Advantage actor-critic (A2C) with Q and V heads. */
export interface ActorCriticOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 512. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Weight of Q's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly qLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Whether it takes its likeliest action when it is measured, in place of drawing one. Default:
   * false.
   */
  readonly deterministic?: boolean;
  /**
   * What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
   * where it can do what is asked, unless the device is a GPU. Default: "auto".
   */
  readonly runtime?: "auto" | "fused" | "tfjs";
  /**
   * Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
   * number; more than one pays for itself from some 100 samples a minibatch on cores that are free.
   * A whole number from 0 to 64. Default: 1.
   */
  readonly threads?: number;
  /** Weight of the entropy bonus. A number from 0 to 1000000. Default: 0.01. */
  readonly entropy?: number;
  /**
   * Whether guidance reaches the student; one that does not hear any is a control. Default: true.
   */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": inputs of the network. "trust": beside that, the
   * policy's logits are f(s, x) + trust(s) log p(. | s), with p the teacher's distribution and the
   * trust learned. "annealed": no input, but a cross-entropy to p in the loss, whose weight falls
   * to 0, so that nothing is missed once the teacher has left. These two are for guidance that
   * names actions. "mission": what is said is read in the place of the mission, where missions are
   * made of its words; for subgoals and plans. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed" | "mission";
  /**
   * How guidance at the grain "reference" is read, where it is an input: as a "map", a plane over
   * the places of the view with the chosen one and one with the teacher's distribution; or as a
   * "pointer", how far to the right and ahead the chosen place is, and whether there is one.
   * Default: "map".
   */
  readonly reference?: "map" | "pointer";
  /**
   * Steps for which what was said stands at most, where guidance is "mission"; it is over before
   * where the env says that it was achieved, or the episode ends. A whole number from 1 to 1000000.
   * Default: 20.
   */
  readonly missionSteps?: number;
  /**
   * The trust at first, where guidance is "trust": at 1 the student begins by acting as the teacher
   * would, above it by taking what the teacher finds likeliest more often than that. A number from
   * 1e-12 to 1000. Default: 1.
   */
  readonly initialTrust?: number;
  /**
   * Weight of the cross-entropy at first, where guidance is "annealed". A number from 0 to 1000000.
   * Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that weight falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
  /**
   * Weight at which it stays in place of falling to 0: the student goes on leaning a little. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly imitationFloor?: number;
  /**
   * Weight of a cross-entropy to p of the policy as it is in silence, where guidance is "features"
   * or "trust": what the student does with its teacher it learns to do without. For guidance that
   * names actions. A number from 0 to 1000000. Default: 0.
   */
  readonly distillation?: number;
  /**
   * How far a cross-entropy to p is let through. "open": all of it. "return": times the probability
   * that episodes with the teacher achieve more than those without, in which advice on trial leaves
   * the student alone. "advantage": state by state, times a sigmoid of what p is worth less what
   * the student's own policy is, by its Q. Default: "open".
   */
  readonly distillationGate?: "open" | "return" | "advantage";
  /**
   * Weight of the loss of past steps, where an extra stage such as hindsight-replay holds some:
   * each minibatch takes as many beside, with -log P(a | s) max(R - V(s), 0) + 1/2 max(R - V(s),
   * 0)^2. At 0 none are taken. A number from 0 to 1000000. Default: 1.
   */
  readonly replayLoss?: number;
}

/** Options of `dqn`: Dueling double DQN with a replay memory. */
export interface DqnOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /**
   * What reads the observation and the mission: layers over both side by side ("dense"), or the
   * maps of the student `match`, which need a grid ("match"). Default: "dense".
   */
  readonly network?: "dense" | "match";
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 10. */
  readonly maxGradNorm?: number;
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 128. */
  readonly minibatch?: number;
  /** Gradient steps after each rollout. A whole number from 1 to 1000000. Default: 64. */
  readonly updates?: number;
  /**
   * Gradient steps between renewals of the target network. A whole number from 1 to 10000000.
   * Default: 100.
   */
  readonly renewEvery?: number;
  /** The most transitions remembered. A whole number from 1 to 2000000. Default: 50000. */
  readonly replay?: number;
  /**
   * Chance of an action at random while it trains, in the end; at first it is 1. A number from 0 to
   * 1. Default: 0.05.
   */
  readonly exploration?: number;
  /**
   * Environment steps in which that chance falls, in a straight line. A whole number from 1 to
   * 1000000000000. Default: 20000.
   */
  readonly exploring?: number;
  /**
   * Whether guidance reaches the student; one that does not hear any is a control. Default: true.
   */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": inputs of the network. "trust": beside that, D is
   * D(s, x, a) + trust(s) log p(a | s), with p the teacher's distribution and the trust learned.
   * "annealed": no input, but a margin loss that has what the teacher finds likeliest ahead of the
   * rest, and whose weight falls to 0. These two are for guidance that names actions. "mission":
   * what is said is read in the place of the mission, where missions are made of its words; for
   * subgoals and plans. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed" | "mission";
  /**
   * Steps for which what was said stands at most, where guidance is "mission"; it is over before
   * where the env says that it was achieved, or the episode ends. A whole number from 1 to 1000000.
   * Default: 20.
   */
  readonly missionSteps?: number;
  /**
   * The trust at first, where guidance is "trust", in units of reward. A number from 1e-12 to 1000.
   * Default: 0.1.
   */
  readonly initialTrust?: number;
  /**
   * Weight of the margin loss at first, where guidance is "annealed". A number from 0 to 1000000.
   * Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that weight falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
}

/**
 * Options of `behaviour-cloning`: Learns to do what the teacher says; under the teacher bot it
 * clones the expert.
 */
export interface BehaviourCloningOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 512. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Weight of Q's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly qLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Whether it takes its likeliest action when it is measured, in place of drawing one. Default:
   * false.
   */
  readonly deterministic?: boolean;
  /** What computes: "tfjs" on the run's device. Default: "auto". */
  readonly runtime?: "auto" | "tfjs";
  /**
   * Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
   * number; more than one pays for itself from some 100 samples a minibatch on cores that are free.
   * A whole number from 0 to 64. Default: 1.
   */
  readonly threads?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /**
   * What reads the observation and the mission: layers over both side by side ("dense"), or the
   * maps of the student `match`, which need a grid ("match"). Default: "dense".
   */
  readonly network?: "dense" | "match";
}

/** Options of `tabular-q`: Q-learning in a table of states and suggestions, for small worlds. */
export interface TabularQOptions {
  /**
   * Share of its error by which a value is corrected, alpha. A number from 1e-12 to 1. Default:
   * 0.1.
   */
  readonly learningRate?: number;
  /** Chance of an action at random while it trains, epsilon. A number from 0 to 1. Default: 0.1. */
  readonly exploration?: number;
  /**
   * Value of what was never tried: above what is to be won, it makes the student try everything. A
   * number from -1000000 to 1000000. Default: 0.
   */
  readonly initial?: number;
  /**
   * The most states remembered; then that not learned about for longest is forgotten. A whole
   * number from 1 to 10000000. Default: 100000.
   */
  readonly states?: number;
  /** Whether guidance is heard; else it is not, for controls. Default: true. */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": values are told apart by the teacher's choice.
   * "trust": they are Q(s, a) + trust(s) log p(a | s), with p the teacher's distribution and the
   * trust learned. "annealed": while it trains the student acts by p with a probability that falls
   * to 0. The latter two are for guidance that names actions. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed";
  /**
   * The trust at first, where guidance is "trust", in units of reward. A number from 1e-12 to 1000.
   * Default: 0.1.
   */
  readonly initialTrust?: number;
  /**
   * Probability of acting as the teacher would at first, where guidance is "annealed". A number
   * from 0 to 1. Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that probability falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
}

/** Options of `lamorel`: A language model is the policy, trained by PPO: GLAM's and LLaRP's way. */
export interface LamorelOptions {
  /**
   * A folder in Hugging Face layout with a T5's model.safetensors, relative to the working
   * directory or by its URL, or the name of a model that was pulled; "shipped" is Tandem's own.
   * Default: "shipped".
   */
  readonly model?: string;
  /**
   * The prompt: "glam" (arXiv 2302.02662, with one observation), "tandem" (what the shipped model
   * knows), or a text with the fields {mission}, {observation}, {seen} and {candidates}. Default:
   * "glam".
   */
  readonly prompt?: string;
  /** The actions to choose from; empty for all that the environment has. Default: []. */
  readonly actions?: string[];
  /**
   * Where the actions' logits come from. "scores": the model's own, of each action's text behind
   * the prompt, as GLAM does. "policy": a perceptron on the decoder's first hidden state, as LLaRP
   * has it (arXiv 2310.17722). Default: "scores".
   */
  readonly head?: "scores" | "policy";
  /**
   * What a text's score is. "as-published": the sum of its tokens' log-probabilities, which favours
   * short texts. "normalised": their mean. "raw-logits": the sum of the tokens' logits, with 1 for
   * every token that a text is shorter than the longest, which is what GLAM's published code
   * computes. Default: "as-published".
   */
  readonly scoring?: "as-published" | "normalised" | "raw-logits";
  /**
   * What is trained: the "heads" alone, low-rank adapters too ("lora"), or "all" weights. Default:
   * "all".
   */
  readonly train?: "heads" | "lora" | "all";
  /** Inner width of the adapters. A whole number from 1 to 1024. Default: 16. */
  readonly rank?: number;
  /** Adapters are scaled by alpha / rank. A number from 1e-12 to 1000000. Default: 32. */
  readonly alpha?: number;
  /** Widths of the hidden layers of the value head and of the policy head. Default: [1024,1024]. */
  readonly hidden?: number[];
  /**
   * Adam's step size. GLAM's is for models of 780 million weights; small ones need larger steps. A
   * number from 1e-12 to 10. Default: 0.000001.
   */
  readonly learningRate?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /** Samples of one gradient step. A whole number from 1 to 4096. Default: 64. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Rewards and values are multiplied by it within losses. A number from 1e-12 to 1000000. Default:
   * 20.
   */
  readonly rewardScale?: number;
  /**
   * Clipping range of the probability ratio, epsilon. A number from 1e-12 to 1000. Default: 0.2.
   */
  readonly clip?: number;
  /** Weight of the entropy bonus. A number from 0 to 1000000. Default: 0.01. */
  readonly entropy?: number;
  /**
   * Whether V too is held within the clipping range of what it was, counted in scaled rewards: V
   * then moves by about `clip` a rollout, which is little where rewards are scaled by 20. Default:
   * true.
   */
  readonly valueClip?: boolean;
  /**
   * Whether advantages are standardised over a rollout, as Lamorel's examples do and GLAM does not.
   * Default: false.
   */
  readonly standardise?: boolean;
}

/**
 * Options of `language-model-cloning`: A language model learns to say what the teacher says; under
 * bot, the expert.
 */
export interface LanguageModelCloningOptions {
  /**
   * A folder in Hugging Face layout with a T5's model.safetensors, relative to the working
   * directory or by its URL, or the name of a model that was pulled; "shipped" is Tandem's own.
   * Default: "shipped".
   */
  readonly model?: string;
  /**
   * The prompt: "glam" (arXiv 2302.02662, with one observation), "tandem" (what the shipped model
   * knows), or a text with the fields {mission}, {observation}, {seen} and {candidates}. Default:
   * "glam".
   */
  readonly prompt?: string;
  /** The actions to choose from; empty for all that the environment has. Default: []. */
  readonly actions?: string[];
  /**
   * Where the actions' logits come from. "scores": the model's own, of each action's text behind
   * the prompt, as GLAM does. "policy": a perceptron on the decoder's first hidden state, as LLaRP
   * has it (arXiv 2310.17722). Default: "scores".
   */
  readonly head?: "scores" | "policy";
  /**
   * What a text's score is. "as-published": the sum of its tokens' log-probabilities, which favours
   * short texts. "normalised": their mean. "raw-logits": the sum of the tokens' logits, with 1 for
   * every token that a text is shorter than the longest, which is what GLAM's published code
   * computes. Default: "as-published".
   */
  readonly scoring?: "as-published" | "normalised" | "raw-logits";
  /**
   * What is trained: the "heads" alone, low-rank adapters too ("lora"), or "all" weights. Default:
   * "all".
   */
  readonly train?: "heads" | "lora" | "all";
  /** Inner width of the adapters. A whole number from 1 to 1024. Default: 16. */
  readonly rank?: number;
  /** Adapters are scaled by alpha / rank. A number from 1e-12 to 1000000. Default: 32. */
  readonly alpha?: number;
  /** Widths of the hidden layers of the value head and of the policy head. Default: [1024,1024]. */
  readonly hidden?: number[];
  /**
   * Adam's step size; for a model of millions of weights 5e-4, which is GLAM's, serves. A number
   * from 1e-12 to 10. Default: 0.0005.
   */
  readonly learningRate?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /** Samples of one gradient step. A whole number from 1 to 4096. Default: 64. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Rewards and values are multiplied by it within losses. A number from 1e-12 to 1000000. Default:
   * 20.
   */
  readonly rewardScale?: number;
  /**
   * What is made likely: the "text" of what the teacher says, as fine-tuning on demonstrations
   * does, or the "choice" of it among the actions. Default: "text".
   */
  readonly objective?: "text" | "choice";
}

/** Options of `match`: PPO whose network matches the mission's words with what is seen. */
export interface MatchOptions {
  /** Adam's step size. A number from 1e-12 to 10. Default: 0.001. */
  readonly learningRate?: number;
  /**
   * Iterations in which the step size falls to `learningRateFloor` of itself; after that it stays.
   * 0 for never; "run" for as many as the run has, so that a run that is made longer is another.
   * Default: 0.
   */
  readonly learningRateDecay?: "run" | number;
  /**
   * How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine",
   * arXiv 1608.03983). Default: "linear".
   */
  readonly learningRateShape?: "linear" | "cosine";
  /**
   * Iterations in which the step size rises at first, in a straight line; they count to those of
   * the decay. A whole number from 0 to 10000000. Default: 0.
   */
  readonly learningRateWarmUp?: number;
  /** The share of the step size at which it stays. A number from 0 to 1. Default: 0.1. */
  readonly learningRateFloor?: number;
  /** Width of the hidden layers. A whole number from 1 to 4096. Default: 64. */
  readonly hidden?: number;
  /** Samples of one gradient step. A whole number from 1 to 1048576. Default: 512. */
  readonly minibatch?: number;
  /** Weight of V's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly valueLoss?: number;
  /** Weight of Q's squared error. A number from 0 to 1000000. Default: 0.5. */
  readonly qLoss?: number;
  /** Largest norm of the gradient. A number from 1e-12 to 1000000000. Default: 0.5. */
  readonly maxGradNorm?: number;
  /**
   * Whether it takes its likeliest action when it is measured, in place of drawing one. Default:
   * false.
   */
  readonly deterministic?: boolean;
  /**
   * What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
   * where it can do what is asked, unless the device is a GPU. Default: "auto".
   */
  readonly runtime?: "auto" | "fused" | "tfjs";
  /**
   * Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
   * number; more than one pays for itself from some 100 samples a minibatch on cores that are free.
   * A whole number from 0 to 64. Default: 1.
   */
  readonly threads?: number;
  /** Passes over a rollout. A whole number from 1 to 1000. Default: 4. */
  readonly epochs?: number;
  /**
   * Clipping range of the probability ratio, epsilon. A number from 1e-12 to 1000. Default: 0.2.
   */
  readonly clip?: number;
  /** Weight of the entropy bonus. A number from 0 to 1000000. Default: 0.01. */
  readonly entropy?: number;
  /**
   * Whether guidance reaches the student; one that does not hear any is a control. Default: true.
   */
  readonly hears?: boolean;
  /**
   * What guidance is to the student. "features": inputs of the network. "trust": beside that, the
   * policy's logits are f(s, x) + trust(s) log p(. | s), with p the teacher's distribution and the
   * trust learned. "annealed": no input, but a cross-entropy to p in the loss, whose weight falls
   * to 0, so that nothing is missed once the teacher has left. These two are for guidance that
   * names actions. "mission": what is said is read in the place of the mission, where missions are
   * made of its words; for subgoals and plans. Default: "features".
   */
  readonly guidance?: "features" | "trust" | "annealed" | "mission";
  /**
   * How guidance at the grain "reference" is read, where it is an input: as a "map", a plane over
   * the places of the view with the chosen one and one with the teacher's distribution; or as a
   * "pointer", how far to the right and ahead the chosen place is, and whether there is one.
   * Default: "map".
   */
  readonly reference?: "map" | "pointer";
  /**
   * Steps for which what was said stands at most, where guidance is "mission"; it is over before
   * where the env says that it was achieved, or the episode ends. A whole number from 1 to 1000000.
   * Default: 20.
   */
  readonly missionSteps?: number;
  /**
   * The trust at first, where guidance is "trust": at 1 the student begins by acting as the teacher
   * would, above it by taking what the teacher finds likeliest more often than that. A number from
   * 1e-12 to 1000. Default: 1.
   */
  readonly initialTrust?: number;
  /**
   * Weight of the cross-entropy at first, where guidance is "annealed". A number from 0 to 1000000.
   * Default: 1.
   */
  readonly imitation?: number;
  /**
   * Iterations in which that weight falls to 0, in a straight line. A whole number from 1 to
   * 10000000. Default: 20.
   */
  readonly annealing?: number;
  /**
   * Weight at which it stays in place of falling to 0: the student goes on leaning a little. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly imitationFloor?: number;
  /**
   * Weight of a cross-entropy to p of the policy as it is in silence, where guidance is "features"
   * or "trust": what the student does with its teacher it learns to do without. For guidance that
   * names actions. A number from 0 to 1000000. Default: 0.
   */
  readonly distillation?: number;
  /**
   * How far a cross-entropy to p is let through. "open": all of it. "return": times the probability
   * that episodes with the teacher achieve more than those without, in which advice on trial leaves
   * the student alone. "advantage": state by state, times a sigmoid of what p is worth less what
   * the student's own policy is, by its Q. Default: "open".
   */
  readonly distillationGate?: "open" | "return" | "advantage";
  /**
   * Weight of the loss of past steps, where an extra stage such as hindsight-replay holds some:
   * each minibatch takes as many beside, with -log P(a | s) max(R - V(s), 0) + 1/2 max(R - V(s),
   * 0)^2. At 0 none are taken. A number from 0 to 1000000. Default: 1.
   */
  readonly replayLoss?: number;
  /**
   * Maps of the cells that match a query of the mission, K, a multiple of 4. A whole number from 4
   * to 64. Default: 4.
   */
  readonly maps?: number;
  /**
   * Maps of the cells that no mission changes, F, a multiple of 4. A whole number from 4 to 64.
   * Default: 4.
   */
  readonly plainMaps?: number;
  /** The most clauses of a mission. A whole number from 1 to 16. Default: 4. */
  readonly clauses?: number;
  /**
   * The most words of a clause, with the one that joins it on. A whole number from 2 to 64.
   * Default: 20.
   */
  readonly positions?: number;
  /**
   * Whether it keeps track of where it has come to since its episode began, for missions that name
   * places as seen from there ("on your left"). Default: false.
   */
  readonly pose?: boolean;
  /**
   * Numbers that it remembers of an episode, a multiple of 8, for levels of several rooms; 0 for
   * none. It learns by whole rollouts then, as `recurrent-ppo` does. A whole number from 0 to 1024.
   * Default: 0.
   */
  readonly memory?: number;
}
