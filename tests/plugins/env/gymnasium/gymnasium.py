"""As much of Gymnasium as the environments below need, for machines that have not got it."""

import os
import time

import numpy

__version__ = "0"


class Discrete:
    def __init__(self, n, start=0):
        self.n, self.start = n, start


class MultiDiscrete:
    def __init__(self, nvec):
        self.nvec, self.start = numpy.array(nvec), numpy.zeros(len(nvec), int)


class Box:
    def __init__(self, low, high, dtype="f4"):
        self.low, self.high = numpy.array(low, dtype), numpy.array(high, dtype)
        self.shape, self.dtype = self.low.shape, self.low.dtype


class Text:
    pass


class Tuple:
    def __repr__(self):
        return "Tuple(\x1b[2J)"


class Dict:
    def __init__(self, **spaces):
        self.spaces = spaces


class NameNotFound(Exception):
    pass


class Spec:
    reward_threshold = 3.5

    def __init__(self, max_episode_steps):
        self.max_episode_steps = max_episode_steps


class Count:
    """Counts up to 5 from 0 or 1: by action 7 one, by action 8 two, and by 9 it stands still."""

    observation_space = Dict(
        place=Discrete(10, start=3),
        far=Discrete(600),
        pair=MultiDiscrete([3, 2]),
        inner=Dict(level=Box([[0, -numpy.inf]], [[9, numpy.inf]], "f8")),
        task=Text(),
    )
    action_space = Discrete(3, start=7)

    def reset(self, seed=None):
        self.place, self.seed = seed % 2, seed
        return self.seen(), {}

    def step(self, action):
        self.place += {7: 1, 8: 2, 9: 0}[action]
        return self.seen(), 0.5 * self.place, self.place >= 5, False, {}

    def seen(self):
        return {
            "place": 3 + self.place,
            "far": 256 + self.place,
            "pair": numpy.array([self.place % 3, self.seed % 2]),
            "inner": {"level": numpy.array([[self.place, -0.5]])},
            "task": f"count from {self.seed}",
        }


class Push:
    """Shows the last push."""

    observation_space = Box([-1, -1], [1, 1])
    action_space = Box([-1, -2], [1, 2], "f8")

    def reset(self, seed=None):
        return numpy.zeros(2), {}

    def step(self, action):
        assert action.dtype == numpy.float64
        return action, float(action.sum()), False, False, {}


class Broken(Push):
    """Fails in the ways that are its name."""

    action_space = Discrete(4)

    def step(self, action):
        if action == 1:
            raise ValueError("the wheel\x1b[2J came off")
        if action == 2:
            os._exit(3)
        if action == 3:
            time.sleep(60)
        return numpy.array([0, 0]), 0.0, False, False, {}


class Fickle(Broken):
    """Shows something else each time."""

    def reset(self, seed=None):
        return numpy.frombuffer(os.urandom(2), "u1") / 256, {}


class Jumble(Count):
    observation_space = Tuple()


class Fallible(Count):
    """Shows a category that its space has not."""

    def seen(self):
        return {**super().seen(), "place": 3 + 10}


class Limit:
    def __init__(self, env, most):
        self.unwrapped, self.most, self.spec = env, most, Spec(most)
        self.observation_space, self.action_space = env.observation_space, env.action_space

    def reset(self, seed=None):
        self.steps = 0
        return self.unwrapped.reset(seed=seed)

    def step(self, action):
        self.steps += 1
        observation, reward, terminated, _, info = self.unwrapped.step(action)
        return observation, reward, terminated, bool(self.most) and self.steps >= self.most, info


WORLDS = {each.__name__: each for each in (Count, Push, Broken, Fickle, Jumble, Fallible)}


def make(name, disable_env_checker, max_episode_steps=None, endless=False):
    kind = WORLDS.get(name.removesuffix("-v0"))
    if kind is None:
        raise NameNotFound(f"Environment `{name}` doesn't exist.")
    return Limit(kind(), max_episode_steps or (None if endless else 4))
