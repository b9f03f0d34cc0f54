"""BabyAI's worlds as Gymnasium's environments. Without Gymnasium they are plain classes, without spaces."""

import json
import string

import numpy

from .process import RESET, STEP, Worlds

try:
    import gymnasium
    from gymnasium.vector import AutoresetMode
    from gymnasium.vector.utils import batch_space

    _Env, _VectorEnv = gymnasium.Env, gymnasium.vector.VectorEnv
except ImportError:
    gymnasium = None
    _Env = _VectorEnv = object

ACTIONS = 7
LONGEST_MISSION = 400
# Seeds that are none: go on with the world's own generator, and leave the world alone.
GO_ON, NOT_THIS = float("nan"), -1.0


def spaces_of(size):
    """What one world shows, and how one acts in it, as in Minigrid."""
    if gymnasium is None:
        return None, None
    from gymnasium import spaces

    letters = string.ascii_lowercase + " ,"
    seen = spaces.Dict(
        {
            "image": spaces.Box(0, 255, (size, size, 3), numpy.uint8),
            "direction": spaces.Discrete(4),
            "mission": spaces.Text(LONGEST_MISSION, charset=letters),
        }
    )
    return seen, spaces.Discrete(ACTIONS)


def drawn_seeds(count):
    """Seeds where none are told."""
    return numpy.random.SeedSequence().generate_state(count).tolist()


class _Served:
    """N worlds of a process, as arrays."""

    def __init__(self, level, envs, view_size, autoreset, timeout):
        setting = {"level": level, "envs": envs, "viewSize": view_size, "autoreset": autoreset}
        self.worlds = Worlds(setting, timeout)
        self.envs, self.size = envs, view_size
        self.width = 3 * view_size**2 + 1
        self.missions = [""] * envs
        self.longest = envs * (8 + 2 * self.width + 2 + LONGEST_MISSION + 4)

    def reset(self, seeds):
        """Begins the episodes whose seeds are not NOT_THIS."""
        begun = [i for i, seed in enumerate(seeds) if seed != NOT_THIS]
        body = self.worlds.ask(RESET, numpy.asarray(seeds, "<f8").tobytes(), self.longest)
        return self._rows(body, lambda *_: (begun, 0))

    def step(self, actions, autoreset):
        body = self.worlds.ask(STEP, numpy.asarray(actions, "<i4").tobytes(), self.longest)

        def ended(terminated, truncated):
            over = numpy.flatnonzero(terminated | truncated).tolist() if autoreset else []
            return over, len(over)

        return self._rows(body, ended)

    def _rows(self, body, begun_of):
        envs, width = self.envs, self.width
        rewards = numpy.frombuffer(body, "<f8", envs)
        at = 8 * envs
        rows = numpy.frombuffer(body, "u1", envs * width, at).reshape(envs, width)
        at += envs * width
        terminated = numpy.frombuffer(body, "?", envs, at)
        truncated = numpy.frombuffer(body, "?", envs, at + envs)
        at += 2 * envs
        begun, finals = begun_of(terminated, truncated)
        last = numpy.frombuffer(body, "u1", finals * width, at).reshape(finals, width)
        before = [self.missions[i] for i in begun]
        if begun:
            new = json.loads(bytes(memoryview(body)[at + finals * width:]))
            for i, mission in zip(begun, new):
                self.missions[i] = mission
        return rows, rewards, terminated, truncated, begun, last, before

    def observations(self, rows, missions):
        """A batch, as Gymnasium has them."""
        size = self.size
        return {
            "image": rows[:, :-1].reshape(len(rows), size, size, 3),
            "direction": rows[:, -1].astype(numpy.int64),
            "mission": tuple(missions),
        }

    def close(self):
        self.worlds.close()


class BabyAIVectorEnv(_VectorEnv):
    """N worlds of a BabyAI level, stepped together: Gymnasium's ``VectorEnv``.

    An episode that ends begins anew in the same step (``AutoresetMode.SAME_STEP``); what it ended with is
    ``infos["final_obs"]``, where ``infos["_final_obs"]`` is true.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP if gymnasium else "same-step"}
    render_mode = None
    spec = None

    def __init__(self, level, num_envs=1, view_size=7, timeout=60, **_):
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = spaces_of(view_size)
        if gymnasium is not None:
            self.observation_space = batch_space(self.single_observation_space, num_envs)
            self.action_space = batch_space(self.single_action_space, num_envs)
        self._served = _Served(level, num_envs, view_size, True, timeout)
        self._is_seeded = False

    def reset(self, *, seed=None, options=None):
        """Begins an episode in each world: from seed, seed + 1, ..., or from a list of seeds.

        ``options={"reset_mask": mask}`` begins those alone that the mask names.
        """
        if gymnasium is not None:
            super().reset(seed=seed if isinstance(seed, int) else None)
        seeds = self._seeds(seed)
        mask = (options or {}).get("reset_mask")
        if mask is not None:
            seeds = [each if chosen else NOT_THIS for each, chosen in zip(seeds, mask)]
        rows, *_ = self._served.reset(seeds)
        return self._served.observations(rows, self._served.missions), {}

    def step(self, actions):
        rows, rewards, terminated, truncated, over, last, before = self._served.step(actions, True)
        served = self._served
        infos = {}
        if over:
            final = numpy.full(self.num_envs, None, object)
            ended = served.observations(last, before)
            for k, i in enumerate(over):
                final[i] = {name: ended[name][k] for name in ended}
            infos = {"final_obs": final, "_final_obs": terminated | truncated}
        observations = served.observations(rows, served.missions)
        return observations, rewards, terminated, truncated, infos

    def close(self, **_):
        """Ends the worlds' process."""
        self._served.close()
        self.closed = True

    def _seeds(self, seed):
        if seed is None:
            seeds = [GO_ON] * self.num_envs if self._is_seeded else drawn_seeds(self.num_envs)
        elif isinstance(seed, (int, numpy.integer)):
            seeds = [int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [GO_ON if each is None else int(each) for each in seed]
        self._is_seeded = True
        return seeds


class BabyAIEnv(_Env):
    """One world of a BabyAI level: Gymnasium's ``Env``."""

    metadata = {"render_modes": []}
    render_mode = None
    spec = None

    def __init__(self, level, view_size=7, timeout=60, render_mode=None):
        self.observation_space, self.action_space = spaces_of(view_size)
        self._served = _Served(level, 1, view_size, False, timeout)
        self._is_seeded = False

    def reset(self, *, seed=None, options=None):
        if gymnasium is not None:
            super().reset(seed=seed)
        own = GO_ON if self._is_seeded else drawn_seeds(1)[0]
        self._is_seeded = True
        rows, *_ = self._served.reset([own if seed is None else seed])
        return self._seen(rows), {}

    def step(self, action):
        rows, rewards, terminated, truncated, *_ = self._served.step([action], False)
        return self._seen(rows), float(rewards[0]), bool(terminated[0]), bool(truncated[0]), {}

    def close(self):
        """Ends the world's process."""
        self._served.close()

    def _seen(self, rows):
        seen = self._served.observations(rows, self._served.missions)
        return {name: seen[name][0] for name in seen}
