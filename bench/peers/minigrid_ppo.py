"""Steps a second of PPO on Python Minigrid with PyTorch, end to end, as JSON.

    python3 bench/peers/minigrid_ppo.py [--level GoToLocal] [--iterations 12] [--inputs one-hot|numbers]

The student and its figures are those of bench/ppo.ts: 16 worlds, rollouts of 128 steps, 4 epochs
of minibatches of 512, Adam, a shared layer of 64, then 64 for policy and Q and 64 for V. Inputs are one
number a category, as there, or Minigrid's own numbers, which is less work. The worlds are stepped in a
plain loop, which is faster than Gymnasium's vector of them. One thread. Ends with status 3 and a line on
stderr where a package cannot be imported.
"""

import argparse
import contextlib
import io
import json
import sys
import time

try:
    import gymnasium
    import minigrid
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    print(f"{error}.", file=sys.stderr)
    sys.exit(3)

ENVS, STEPS, EPOCHS, MINIBATCH, HIDDEN, ACTIONS = 16, 128, 4, 512, 64, 7
GAMMA, LAMBDA, CLIP, ENTROPY, VALUE, LARGEST_NORM = 0.99, 0.95, 0.2, 0.01, 0.5, 0.5
TYPES, COLOURS, STATES, CELLS, DIRECTIONS = 8, 6, 3, 49, 4
VOCABULARY = (
    "go to the a pick up open put next red green blue purple yellow grey ball box key door on your "
    "left right in front of you behind then and after object"
).split()
WORDS = {word: index for index, word in enumerate(VOCABULARY)}


class Worlds:
    """Environments in a loop; an ended episode starts anew in the same step."""

    def __init__(self, level):
        name = f"BabyAI-{level}-v0"
        self.envs = [gymnasium.make(name, disable_env_checker=True).unwrapped for _ in range(ENVS)]
        self.bags = {}
        self.images = np.zeros((ENVS, CELLS * 3), np.uint8)
        self.rest = np.zeros((ENVS, 1 + len(VOCABULARY)), np.uint8)
        for i, env in enumerate(self.envs):
            self.write(i, env.reset(seed=i)[0])

    def write(self, i, observation):
        self.images[i] = observation["image"].reshape(-1)
        self.rest[i, 0] = observation["direction"]
        self.rest[i, 1:] = self.bag(observation["mission"])

    def bag(self, mission):
        bag = self.bags.get(mission)
        if bag is None:
            bag = np.zeros(len(VOCABULARY), np.uint8)
            for word in mission.replace(",", " ").split():
                if word in WORDS:
                    bag[WORDS[word]] = 1
            self.bags[mission] = bag
        return bag

    def step(self, actions, rewards, ends):
        for i, env in enumerate(self.envs):
            observation, rewards[i], terminated, truncated, _ = env.step(actions[i])
            ends[i] = terminated or truncated
            self.write(i, env.reset()[0] if ends[i] else observation)


class Student(nn.Module):
    def __init__(self, one_hot):
        super().__init__()
        widths = [TYPES, COLOURS, STATES] * CELLS + [DIRECTIONS]
        self.one_hot = one_hot
        self.offsets = torch.tensor([0] + widths[:-1]).cumsum(0)
        self.categories = sum(widths)
        inputs = self.categories if one_hot else len(widths)
        self.state = nn.Linear(inputs + len(VOCABULARY), HIDDEN)
        self.guided, self.alone = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.policy, self.q = nn.Linear(HIDDEN, ACTIONS), nn.Linear(HIDDEN, ACTIONS)
        self.value = nn.Linear(HIDDEN, 1)

    def rows(self, images, rest):
        """[B, inputs] of observations as they are kept: small numbers."""
        entries = torch.cat([images, rest[:, :1]], 1)
        if self.one_hot:
            sparse = torch.zeros(len(entries), self.categories)
            entries = sparse.scatter_(1, entries.long() + self.offsets, 1.0)
        else:
            entries = entries.float() / 10
        return torch.cat([entries, rest[:, 1:].float()], 1)

    def forward(self, rows):
        seen = torch.tanh(self.state(rows))
        hidden = torch.tanh(self.guided(seen))
        value = self.value(torch.tanh(self.alone(seen))).squeeze(1)
        return self.policy(hidden), self.q(hidden), value


class Learner:
    def __init__(self, level, one_hot):
        self.worlds, self.student = Worlds(level), Student(one_hot)
        self.adam = torch.optim.Adam(self.student.parameters(), lr=1e-3, eps=1e-5)
        size, words = (STEPS, ENVS), 1 + len(VOCABULARY)
        self.images = np.zeros((*size, CELLS * 3), np.uint8)
        self.rest = np.zeros((*size, words), np.uint8)
        self.actions = np.zeros(size, np.int64)
        self.log_probs, self.values, self.rewards = (np.zeros(size, np.float32) for _ in range(3))
        self.ends = np.zeros(size, bool)

    def see(self):
        worlds = self.worlds
        return self.student.rows(torch.from_numpy(worlds.images), torch.from_numpy(worlds.rest))

    def iterate(self):
        with torch.no_grad():
            self.collect()
            _, _, last = self.student(self.see())
        self.learn(torch.from_numpy(self.returns(last.numpy())))

    def collect(self):
        for t in range(STEPS):
            self.images[t], self.rest[t] = self.worlds.images, self.worlds.rest
            logits, _, values = self.student(self.see())
            log_probs = logits.log_softmax(1)
            actions = torch.multinomial(log_probs.exp(), 1)
            self.actions[t] = actions.squeeze(1).numpy()
            self.log_probs[t] = log_probs.gather(1, actions).squeeze(1).numpy()
            self.values[t] = values.numpy()
            self.worlds.step(self.actions[t], self.rewards[t], self.ends[t])

    def returns(self, following):
        """[T, N] lambda-returns."""
        targets, advantage = np.zeros((STEPS, ENVS), np.float32), np.zeros(ENVS, np.float32)
        for t in reversed(range(STEPS)):
            goes_on = 1.0 - self.ends[t]
            delta = self.rewards[t] + GAMMA * following * goes_on - self.values[t]
            advantage = delta + GAMMA * LAMBDA * goes_on * advantage
            targets[t] = advantage + self.values[t]
            following = self.values[t]
        return targets

    def learn(self, targets):
        flat = [self.images, self.rest, self.actions, self.log_probs, self.values]
        images, rest, actions, old, values = (
            torch.from_numpy(one).flatten(0, 1) for one in flat
        )
        targets = targets.flatten()
        for _ in range(EPOCHS):
            for rows in torch.randperm(STEPS * ENVS).split(MINIBATCH):
                inputs = self.student.rows(images[rows], rest[rows])
                self.update(inputs, actions[rows], old[rows], values[rows], targets[rows])

    def update(self, inputs, actions, old, values, targets):
        logits, q_values, now = self.student(inputs)
        log_policy = logits.log_softmax(1)
        chosen = actions.unsqueeze(1)
        advantages = targets - values
        advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)
        ratio = (log_policy.gather(1, chosen).squeeze(1) - old).exp()
        clipped = ratio.clamp(1 - CLIP, 1 + CLIP)
        gain = torch.minimum(ratio * advantages, clipped * advantages).mean()
        value_loss = (now - targets).square().mean()
        q_loss = (q_values.gather(1, chosen).squeeze(1) - targets).square().mean()
        entropy = -(log_policy.exp() * log_policy).sum(1).mean()
        loss = -gain + VALUE * (value_loss + q_loss) - ENTROPY * entropy
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), LARGEST_NORM)
        self.adam.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", default="GoToLocal")
    parser.add_argument("--iterations", type=int, default=12)
    parser.add_argument("--inputs", choices=["one-hot", "numbers"], default="one-hot")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    wall, cpu = [], []
    # Minigrid prints each world that it rejects.
    with contextlib.redirect_stdout(io.StringIO()):
        learner = Learner(options.level, options.inputs == "one-hot")
        for iteration in range(options.iterations + 2):
            started, used = time.perf_counter(), time.process_time()
            learner.iterate()
            if iteration < 2:
                continue  # caches and allocators settle
            wall.append(STEPS * ENVS / (time.perf_counter() - started))
            cpu.append(STEPS * ENVS / (time.process_time() - used))
    name = f"Minigrid {minigrid.__version__}, PyTorch {torch.__version__}"
    print(json.dumps({"name": name, "wall": wall, "cpu": cpu}))


main()
