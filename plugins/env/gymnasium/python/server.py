"""Steps N Gymnasium environments for the process that started this one.

    python3 -c SOURCE '{"folder": "/tmp/f", "id": "CartPole-v1", "kwargs": {}, "envs": 8, ...}'

Says in one line of JSON on stdout what the environments look like, or why there are none. From then on
requests and answers are frames in two FIFOs of the folder: a length (u32, what follows), a word that
says what it is (u32), and a body. All numbers are little-endian. The seeds of a request (f64 each) are
those of the next episodes. N is the number of environments; rows are as the first line says.

    RESET   seeds [N]
    STEP    seeds [N], actions [N]: i32, or f32 of the action's shape
    REPLAY  seeds [N], numbers of actions i32 [N], actions, those of an environment side by side

    ROWS    rewards f32 [N], each tensor [N, ...], terminated u8 [N], truncated u8 [N], the final rows of
            the episodes that ended, and as JSON the missions that are new: {"0": "go to the red ball"}
    FAILED  JSON: what Python said last, and where

Ends when the other process does, and when an answer takes longer than the time that was given for it.
"""

import sys

# What lies in the working directory stands in for no module of Python's own.
sys.path = [path for path in sys.path if path != ""]

import importlib
import json
import os
import re
import signal
import struct
import threading
import traceback

RESET, STEP, REPLAY = 1, 2, 3
ROWS, FAILED = 1, 2
HEAD, OP = struct.Struct("<II"), struct.Struct("<I")
# A byte holds a category.
CATEGORIES = 256
# Type, colour and state of a cell of Minigrid's, and of those of its worlds that are BabyAI's.
MINIGRID_CELL, BABYAI_CELL = (11, 6, 4), (8, 6, 3)
# Packages that register their worlds when they are imported.
HOMES = {"MiniGrid-": "minigrid", "BabyAI-": "minigrid", "ALE/": "ale_py"}
LONGEST_TEXT = 1000
MOST_AT_ONCE = 1 << 20
MOST_NUMBERS = 1 << 24


class Refusal(Exception):
    """Why there are no environments: a reason that the other side knows, and details."""

    def __init__(self, reason, text=""):
        super().__init__(text)
        self.reason = reason


def kinds(thing):
    """The names of its classes: those of a space are known wherever they were defined."""
    return {each.__name__ for each in type(thing).__mro__}


def last_line(error):
    """What Python says of an error in its last line, and the file and line where it was raised."""
    said = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return (said[-1] if said else type(error).__name__)[:LONGEST_TEXT], where


class Column:
    """A tensor of all environments, and how a row of it is made of an observation."""

    def __init__(self, name, path, dtype, shape, space, convert=None):
        self.name, self.path, self.dtype, self.shape = name, path, dtype, tuple(shape)
        self.space, self.convert = space, convert
        self.width = dtype.itemsize
        for size in self.shape:
            self.width *= size

    def place(self, buffer, at, envs):
        import numpy

        count = envs * self.width // self.dtype.itemsize
        self.rows = numpy.frombuffer(buffer, self.dtype, count, at).reshape((envs, *self.shape))
        self.bytes = numpy.frombuffer(buffer, "u1", envs * self.width, at).reshape(envs, -1)

    def write(self, i, observation):
        for key in self.path:
            observation = observation[key]
        self.rows[i] = self.convert(observation) if self.convert else observation

    def described(self):
        return {"name": self.name, "shape": list(self.shape), **self.space}


def leaves(space, path=()):
    """All spaces within one, with the keys that lead to them."""
    if "Dict" in kinds(space):
        for key, inner in space.spaces.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, space


def bound(numbers):
    """Bounds as JSON: one number where all are alike, null for what has no bound."""
    import math

    each = [float(number) if math.isfinite(number) else None for number in numbers.ravel().tolist()]
    return each[0] if each and all(number == each[0] for number in each) else each


def box(space):
    return {"kind": "box", "low": bound(space.low), "high": bound(space.high)}


def column(name, path, space):
    """The column of a space. Raises Refusal where it is of a kind that no student reads."""
    import numpy

    what, byte, number = kinds(space), numpy.dtype("u1"), numpy.dtype("<f4")
    if "Discrete" in what:
        n, start = int(space.n), int(getattr(space, "start", 0))
        if n <= CATEGORIES:
            return Column(name, path, byte, (), {"kind": "discrete", "n": n},
                          (lambda value: value - start) if start else None)
        if n <= CATEGORIES**2:
            nvec = [-(-n // CATEGORIES), CATEGORIES]
            return Column(name, path, byte, (2,), {"kind": "multi-discrete", "nvec": nvec},
                          lambda value: divmod(int(value) - start, CATEGORIES))
    if "MultiDiscrete" in what:
        nvec = numpy.asarray(space.nvec).ravel().tolist()
        starts = numpy.asarray(getattr(space, "start", 0)).ravel()
        if all(n <= CATEGORIES for n in nvec):
            return Column(name, path, byte, (len(nvec),), {"kind": "multi-discrete", "nvec": nvec},
                          lambda value: numpy.ravel(value) - starts)
    if "MultiBinary" in what:
        size = int(numpy.prod(space.shape))
        return Column(name, path, byte, (size,), {"kind": "multi-discrete", "nvec": [2] * size},
                      numpy.ravel)
    if "Box" in what:
        return Column(name, path, number, space.shape, box(space))
    raise Refusal("space", f"{'.'.join(map(str, path)) or 'all of it'}\n{space}")


def is_babyai(env):
    return hasattr(env.unwrapped, "num_navs_needed")


def minigrid(space, env):
    """The view and the direction of Minigrid's worlds as one grid of categories; None for others."""
    import numpy

    if "MiniGridEnv" not in kinds(env.unwrapped) or "Dict" not in kinds(space):
        return None
    inner = space.spaces
    image = inner.get("image")
    if image is None or "direction" not in inner:
        return None
    height, width, channels = image.shape
    if channels != len(MINIGRID_CELL) or image.dtype != numpy.uint8:
        return None
    cells = height * width
    cell = BABYAI_CELL if is_babyai(env) else MINIGRID_CELL
    nvec = [*cell * cells, int(inner["direction"].n)]

    def view(observation):
        return numpy.append(observation["image"].ravel(), observation["direction"])

    described = {"kind": "grid", "nvec": nvec, "channels": channels}
    return Column("view", (), numpy.dtype("u1"), (len(nvec),), described, view)


def words_of(space):
    """All words of Minigrid's missions, which are one sentence with gaps; None for other texts."""
    gaps = getattr(space, "ordered_placeholders", None)
    try:
        if gaps is None:
            sentences = [space.mission_func()] if hasattr(space, "mission_func") else None
        else:
            sentences = [space.mission_func(*(gap[0] for gap in gaps)), *sum(gaps, [])]
    except Exception:
        return None
    return sentences and list(dict.fromkeys(re.findall("[a-z]+", " ".join(sentences).lower())))


def columns_of(space, env):
    """The columns of an observation, floats first, and the path and the words of its mission."""
    import numpy

    columns, mission, words = [], None, None
    grid = minigrid(space, env)
    taken = {"image", "direction"} if grid else set()
    for path, inner in leaves(space):
        if path and path[0] in taken:
            continue
        if kinds(inner) & {"Text", "MissionSpace"} and path and (mission is None):
            mission, words = path, words_of(inner)
        else:
            columns.append(column(".".join(map(str, path)) or "state", path, inner))
    columns += [grid] if grid else []
    return sorted(columns, key=lambda each: each.dtype == numpy.dtype("u1")), mission, words


def action_of(space):
    """What an action is, as JSON. Raises Refusal where students cannot act so."""
    import numpy

    what = kinds(space)
    if "Discrete" in what:
        return {"kind": "discrete", "n": int(space.n), "start": int(getattr(space, "start", 0))}
    if "Box" in what and numpy.issubdtype(space.dtype, numpy.floating):
        return {"shape": list(space.shape), **box(space)}
    raise Refusal("action", str(space))


def names_of(env, n):
    """What the environment calls its actions; None where it has no n different names."""
    named = getattr(env.unwrapped, "actions", None)
    try:
        names = [each.name for each in named] if isinstance(named, type) else None
        if names is None and hasattr(env.unwrapped, "get_action_meanings"):
            names = [str(name) for name in env.unwrapped.get_action_meanings()]
    except Exception:
        return None
    return names if names and len(names) == n == len(set(names)) else None


def longest_episode(env, setting):
    """The most steps of an episode. Raises Refusal where nobody has said it."""
    limit = getattr(getattr(env, "spec", None), "max_episode_steps", None)
    if setting["maxSteps"] or limit:
        return setting["maxSteps"] or int(limit)
    world = env.unwrapped
    if is_babyai(env):
        # BabyAI: as many steps as there are cells for each of four actions, "put next" being two.
        return 8 * world.room_size**2 * world.num_rows * world.num_cols
    limit = getattr(world, "max_steps", None)
    if isinstance(limit, int) and limit > 0:
        return limit
    raise Refusal("steps")


def import_home(name):
    for start, package in HOMES.items():
        if name.startswith(start):
            try:
                importlib.import_module(package)
            except ImportError:
                pass  # the id is unknown then, which is told


def make(gymnasium, setting):
    limit = {"max_episode_steps": setting["maxSteps"]} if setting["maxSteps"] else {}
    try:
        return gymnasium.make(setting["id"], disable_env_checker=True, **limit, **setting["kwargs"])
    except Exception as error:
        unknown = kinds(error) & {"UnregisteredEnv", "NameNotFound", "VersionNotFound"}
        raise Refusal("id" if unknown else "make", last_line(error)[0]) from error


class Worlds:
    """N environments, and the frame in which they answer."""

    def __init__(self, gymnasium, setting):
        self.envs = setting["envs"]
        self.seeds = struct.Struct(f"<{self.envs}d")
        import_home(setting["id"])
        self.worlds = [make(gymnasium, setting) for _ in range(self.envs)]
        first = self.worlds[0]
        self.columns, self.mission, words = columns_of(first.observation_space, first)
        self.missions = [None] * self.envs
        action = action_of(first.action_space)
        first.reset(seed=0)
        self.hello = {
            "protocol": 1,
            "gymnasium": str(gymnasium.__version__),
            "tensors": [each.described() for each in self.columns],
            "action": action,
            "actionNames": names_of(first, action.get("n")),
            "hasMission": self.mission is not None,
            "missionWords": words,
            "isBabyAI": is_babyai(first),
            "maxSteps": longest_episode(first, setting),
            "rewardThreshold": getattr(first.spec, "reward_threshold", None),
        }
        self.decode = self.decoder(action, first.action_space)
        self.layout()

    def decoder(self, action, space):
        """What makes actions of bytes."""
        import numpy

        if action["kind"] == "discrete":
            start = action["start"]
            return lambda raw: [each + start for each in numpy.frombuffer(raw, "<i4").tolist()]
        shape, dtype = space.shape, space.dtype
        return lambda raw: numpy.frombuffer(raw, "<f4").reshape(-1, *shape).astype(dtype)

    def layout(self):
        import numpy

        envs = self.envs
        width = 4 + sum(each.width for each in self.columns) + 2
        if width * envs > 4 * MOST_NUMBERS:
            raise Refusal("size", str(width * envs))
        self.frame = bytearray(HEAD.size + width * envs)
        at = HEAD.size
        self.rewards = numpy.frombuffer(self.frame, "<f4", envs, at)
        at += 4 * envs
        for each in self.columns:
            each.place(self.frame, at, envs)
            at += each.width * envs
        self.terminated = numpy.frombuffer(self.frame, "u1", envs, at)
        self.truncated = numpy.frombuffer(self.frame, "u1", envs, at + envs)
        self.write = self.writer()
        self.steps = [world.step for world in self.worlds]

    def writer(self):
        """What writes an observation into the rows of an environment: once made, since it is asked often."""
        plain = self.columns[0]
        if len(self.columns) == 1 and not plain.path and not plain.convert and self.mission is None:
            return plain.rows.__setitem__
        return self.write_all

    def write_all(self, i, observation):
        for each in self.columns:
            each.write(i, observation)
        if self.mission is None:
            return
        for key in self.mission:
            observation = observation[key]
        if observation != self.missions[i]:
            self.missions[i] = observation
            self.news[i] = str(observation)[:LONGEST_TEXT]

    def begin(self, i, seed):
        self.write(i, self.worlds[i].reset(seed=int(seed))[0])

    def answer(self, finals=b""):
        body = finals + (json.dumps(self.news).encode() if self.news else b"")
        HEAD.pack_into(self.frame, 0, len(self.frame) - 4 + len(body), ROWS)
        return self.frame + body if body else self.frame

    def still(self):
        """No step was made."""
        self.rewards[:] = 0
        self.terminated[:] = 0
        self.truncated[:] = 0

    def reset(self, seeds, _):
        self.still()
        self.missions = [None] * self.envs
        for i, seed in enumerate(seeds):
            self.begin(i, seed)
        return self.answer()

    def step(self, seeds, rest):
        finals, over = b"", []
        rewards, terminated, truncated = [], [], []
        write = self.write
        for i, (step, action) in enumerate(zip(self.steps, self.decode(rest))):
            observation, reward, ends, cut, _ = step(action)
            write(i, observation)
            rewards.append(reward)
            terminated.append(ends)
            truncated.append(cut and not ends)
            if ends or cut:
                over.append(i)
        self.rewards[:] = rewards
        self.terminated[:] = terminated
        self.truncated[:] = truncated
        for i in over:
            finals += b"".join(each.bytes[i].tobytes() for each in self.columns)
            self.begin(i, seeds[i])
        return self.answer(finals)

    def replay(self, seeds, rest):
        """Puts each environment through the episode that it was in."""
        import numpy

        answer = self.reset(seeds, rest)
        counts = numpy.frombuffer(rest, "<i4", self.envs).tolist()
        actions = iter(self.decode(rest[4 * self.envs:]))
        for i, count in enumerate(counts):
            for _ in range(count):
                observation, _, ends, cut, _ = self.worlds[i].step(next(actions))
                if ends or cut:
                    raise RuntimeError("an episode ended earlier than it had before")
                self.write(i, observation)
        return self.answer() if any(counts) else answer

    def serve(self, request):
        self.news = {}
        (op,) = OP.unpack_from(request)
        seeds = self.seeds.unpack_from(request, OP.size)
        rest = request[OP.size + self.seeds.size:]
        return {RESET: self.reset, STEP: self.step, REPLAY: self.replay}[op](seeds, rest)


def receive(fd):
    """The body of a frame; it is there with its length, unless it is long."""
    data = os.read(fd, MOST_AT_ONCE)
    size = OP.size + OP.unpack_from(data)[0]
    while len(data) < size:
        data += os.read(fd, size - len(data))
    return data[OP.size:]


def send(fd, data):
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest):]


def failure(error):
    said, where = last_line(error)
    body = json.dumps({"said": said, "where": where}).encode()
    return HEAD.pack(4 + len(body), FAILED) + body


def open_fifos(folder):
    """Both ends of both: so the other side never waits to open one, and ours does not end early."""
    import fcntl

    fds = []
    for name in ("requests", "answers"):
        path = os.path.join(folder, name)
        os.mkfifo(path, 0o600)
        fds.append(os.open(path, os.O_RDWR))
        try:
            fcntl.fcntl(fds[-1], 1031, 1 << 20)  # F_SETPIPE_SZ, on Linux: few writes for large frames
        except OSError:
            pass
    return fds


def end_with_parent():
    while os.read(0, 1024):
        pass
    os._exit(0)


def begin(setting):
    """The environments, and the FIFOs. Raises Refusal."""
    try:
        import gymnasium
    except ImportError as error:
        raise Refusal("gymnasium", last_line(error)[0]) from error
    sys.path.append(os.getcwd())  # for "module:Name-v0" of a file that lies there
    try:
        return Worlds(gymnasium, setting), open_fifos(setting["folder"])
    except Refusal:
        raise
    except Exception as error:
        raise Refusal("make", last_line(error)[0]) from error


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which ends this
    threading.Thread(target=end_with_parent, daemon=True).start()
    setting = json.loads(sys.argv[1])
    stdout = os.dup(1)
    os.dup2(2, 1)  # what an environment prints is no answer
    try:
        worlds, (requests, answers) = begin(setting)
    except Refusal as refusal:
        send(stdout, json.dumps({"reason": refusal.reason, "said": str(refusal)}).encode() + b"\n")
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    send(stdout, json.dumps(worlds.hello).encode() + b"\n")
    os.close(stdout)
    while True:
        request = receive(requests)
        signal.setitimer(signal.ITIMER_REAL, setting["timeout"])
        try:
            answer = worlds.serve(request)
        except Exception as error:
            answer = failure(error)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(answers, answer)


main()
