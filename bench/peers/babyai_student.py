"""BabyAI 1.1's own student on Tandem's worlds, in PyTorch: success over frames, as lines of JSON.

    python3 bench/peers/babyai_student.py [--level GoToLocal] [--frames 1000000] [--seed 1]

Built after the descriptions of BabyAI (Chevalier-Boisvert et al., arXiv 1810.08272) and BabyAI 1.1 (Hui
et al., arXiv 2007.12770): cells as sums of learned embeddings, two convolutions, a mission read by a GRU
that modulates two blocks of convolutions feature by feature (FiLM), a maximum over all cells at their
end, an LSTM of 128 as memory, PPO with Adam. It needs PyTorch, NumPy and `deno`; one thread.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))
from tandem import BabyAIVectorEnv

ENVS, STEPS, RECURRENCE, EPOCHS, BATCH = 64, 40, 20, 4, 1280
RATE, GAMMA, LAMBDA, CLIP, ENTROPY, VALUE, NORM, REWARD = 1e-4, 0.99, 0.99, 0.2, 0.01, 0.5, 0.5, 20.0
SEEN, WORDS, ACTIONS, WIDTH, LARGEST, VOCABULARY = 148, 16, 7, 128, 11, 40


class Worlds:
    """Worlds to learn in and worlds to measure in, as rows of what is seen and of the mission's words."""

    def __init__(self, level, episodes):
        # Those to measure in come from seeds that those to learn in do not reach.
        self.sides = {
            "s": (BabyAIVectorEnv(level, ENVS), 0),
            "S": (BabyAIVectorEnv(level, episodes), 10_000_000),
        }
        self.words = {}

    def reset(self, side="s"):
        env, first_seed = self.sides[side]
        return self.rows(env.reset(seed=first_seed)[0])

    def step(self, actions, side="s"):
        """Rows, and of each world whether it was solved, has ended, and has ended for want of steps."""
        seen, rewards, terminated, truncated, _ = self.sides[side][0].step(actions)
        ends = (rewards > 0, terminated | truncated, truncated)
        return self.rows(seen), *(end.astype(np.float32) for end in ends)

    def rows(self, seen):
        rows = np.zeros((len(seen["mission"]), SEEN + WORDS), np.int64)
        rows[:, : SEEN - 1] = seen["image"].reshape(len(rows), -1)
        rows[:, SEEN - 1] = seen["direction"]
        for row, mission in zip(rows, seen["mission"]):
            words = mission.replace(",", "").split()[:WORDS]
            numbers = [self.words.setdefault(word, len(self.words) + 1) for word in words]
            row[SEEN : SEEN + len(words)] = numbers
        return torch.from_numpy(rows)


class Film(nn.Module):
    """A block of two convolutions that the mission scales and shifts; what comes in is added."""

    def __init__(self):
        super().__init__()
        self.first, self.second = (nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm2d(WIDTH) for _ in range(2))
        self.scale, self.shift = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x, said):
        y = F.relu(self.norms[0](self.first(x)))
        y = self.second(y) * self.scale(said)[..., None, None] + self.shift(said)[..., None, None]
        return x + F.relu(self.norms[1](y))


class Student(nn.Module):
    def __init__(self, half):
        super().__init__()
        self.half = half
        self.cell = nn.Embedding(3 * LARGEST, WIDTH)
        self.image = nn.Sequential(
            *(nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.BatchNorm2d(WIDTH), nn.ReLU()),
            *(nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.BatchNorm2d(WIDTH), nn.ReLU()),
        )
        self.word = nn.Embedding(VOCABULARY, WIDTH, padding_idx=0)
        self.sentence = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.films = nn.ModuleList(Film() for _ in range(2))
        self.memory = nn.LSTMCell(WIDTH, WIDTH)
        self.policy, self.value = (
            nn.Sequential(nn.Linear(WIDTH, 64), nn.Tanh(), nn.Linear(64, out))
            for out in (ACTIONS, 1)
        )
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight)
                with torch.no_grad():
                    layer.weight /= layer.weight.norm(dim=1, keepdim=True)
                nn.init.zeros_(layer.bias)

    def see(self, rows):
        """[B, WIDTH] of what is seen and said."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            return self.read(rows)

    def read(self, rows):
        cells = rows[:, :147].reshape(-1, 49, 3) + torch.arange(3) * LARGEST
        # Channels stand last in memory, which PyTorch's convolutions do three times as fast.
        x = self.cell(cells).sum(2).reshape(-1, 7, 7, WIDTH).permute(0, 3, 1, 2)
        x = self.image(x)
        # The mission's last word has read all of it.
        missions, which = torch.unique(rows[:, SEEN:], dim=0, return_inverse=True)
        outputs, _ = self.sentence(self.word(missions))
        last = (missions > 0).sum(1) - 1
        said = outputs[torch.arange(len(missions)), last][which]
        for film in self.films:
            x = film(x, said)
        return F.relu(x.amax((2, 3))).float()

    def recall(self, seen, memory):
        """Logits, value and the next memory."""
        h, c = self.memory(seen, memory.chunk(2, 1))
        return self.policy(h), self.value(h)[:, 0], torch.cat([h, c], 1)

    def forward(self, rows, memory):
        return self.recall(self.see(rows), memory)


def draw(logits):
    return torch.distributions.Categorical(logits=logits).sample()


@torch.no_grad()
def collect(student, worlds, rows, memory):
    names = ("rows", "memory", "actions", "log_probs", "values", "rewards", "goes_on")
    kept = {name: [] for name in names}
    for _ in range(STEPS):
        logits, values, following = student(rows, memory)
        actions = draw(logits)
        log_probs = logits.log_softmax(1).gather(1, actions[:, None])[:, 0]
        later, solved, ended, _ = worlds.step(actions.numpy())
        goes_on = torch.from_numpy(1 - ended)
        step = (rows, memory, actions, log_probs, values, torch.from_numpy(REWARD * solved), goes_on)
        for name, part in zip(names, step):
            kept[name].append(part)
        rows, memory = later, following * goes_on[:, None]
    _, last, _ = student(rows, memory)
    return {name: torch.stack(parts) for name, parts in kept.items()}, last, rows, memory


def advantages(kept, following):
    result, after = torch.zeros(STEPS, ENVS), torch.zeros(ENVS)
    for t in reversed(range(STEPS)):
        goes_on = kept["goes_on"][t]
        delta = kept["rewards"][t] + GAMMA * following * goes_on - kept["values"][t]
        after = delta + GAMMA * LAMBDA * goes_on * after
        result[t], following = after, kept["values"][t]
    return result


def learn(student, adam, kept, gains):
    """Passes over sequences of RECURRENCE steps, BATCH steps a gradient step."""
    cut = lambda x: x.reshape(STEPS // RECURRENCE, RECURRENCE, ENVS, *x.shape[2:]).transpose(
        0, 1
    ).flatten(1, 2)
    kept = {name: cut(part) for name, part in kept.items()}
    gains = cut(gains)
    targets = gains + kept["values"]
    for _ in range(EPOCHS):
        for which in torch.randperm(gains.shape[1]).split(BATCH // RECURRENCE):
            part = {name: x[:, which] for name, x in kept.items()}
            update(student, adam, part, gains[:, which], targets[:, which])


def update(student, adam, part, gains, targets):
    gains = (gains - gains.mean()) / (gains.std() + 1e-8)
    seen = student.see(part["rows"].flatten(0, 1)).reshape(*gains.shape, -1)
    memory, loss = part["memory"][0], 0.0
    for t in range(RECURRENCE):
        logits, values, memory = student.recall(seen[t], memory)
        memory = memory * part["goes_on"][t][:, None]
        log_policy = logits.log_softmax(1)
        chosen = log_policy.gather(1, part["actions"][t][:, None])[:, 0]
        ratio = (chosen - part["log_probs"][t]).exp()
        clipped = ratio.clamp(1 - CLIP, 1 + CLIP)
        policy_loss = -torch.minimum(ratio * gains[t], clipped * gains[t]).mean()
        entropy = -(log_policy.exp() * log_policy).sum(1).mean()
        old = part["values"][t]
        near = old + (values - old).clamp(-CLIP, CLIP)
        value_loss = torch.maximum((values - targets[t]) ** 2, (near - targets[t]) ** 2).mean()
        loss = loss + policy_loss - ENTROPY * entropy + VALUE * value_loss
    adam.zero_grad()
    (loss / RECURRENCE).backward()
    nn.utils.clip_grad_norm_(student.parameters(), NORM)
    adam.step()


@torch.no_grad()
def measure(student, worlds):
    """The share of the worlds to measure in that are solved, actions drawn."""
    student.eval()
    rows = worlds.reset("S")
    open_, solved = np.ones(len(rows), bool), np.zeros(len(rows), bool)
    memory = torch.zeros(len(rows), 2 * WIDTH)
    while open_.any():
        alive = torch.from_numpy(np.flatnonzero(open_))
        actions = np.zeros(len(rows), np.uint8)
        logits, _, memory[alive] = student(rows[alive], memory[alive])
        actions[open_] = draw(logits).numpy()
        rows, success, ended, _ = worlds.step(actions, "S")
        solved |= open_ & (success > 0)
        open_ &= ended == 0
    student.train()
    return float(solved.mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", default="GoToLocal")
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=10, help="updates between measurements")
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="convolutions in bfloat16, twice as fast")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    worlds, student = Worlds(options.level, options.episodes), Student(options.half)
    student.to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(student.parameters(), lr=RATE, eps=1e-5)
    rows, memory = worlds.reset(), torch.zeros(ENVS, 2 * WIDTH)
    began = time.process_time()
    for update_ in range(1, options.frames // (ENVS * STEPS) + 1):
        kept, last, rows, memory = collect(student, worlds, rows, memory)
        learn(student, adam, kept, advantages(kept, last))
        if update_ % options.every:
            continue
        seconds = round(time.process_time() - began)
        success = measure(student, worlds)
        point = {"frames": update_ * ENVS * STEPS, "success": success, "seconds": seconds}
        print(json.dumps(point), flush=True)


main()
