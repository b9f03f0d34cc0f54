"""Steps a second of Gymnasium's SyncVectorEnv, asked for by bench/gymnasium.ts.

Reads lines of JSON, {"id": ..., "envs": N, "steps": T}, and answers each with the seconds of T vector
steps under random actions.
"""

import json
import sys
import time

import gymnasium
import numpy

try:
    import minigrid  # noqa: F401, which registers its worlds
except ImportError:
    pass

WORLDS = {}
print(json.dumps({"gymnasium": gymnasium.__version__}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    name, envs, steps = asked["id"], asked["envs"], asked["steps"]
    if name not in WORLDS:
        WORLDS[name] = gymnasium.make_vec(name, num_envs=envs, vectorization_mode="sync")
        WORLDS[name].reset(seed=0)
    worlds = WORLDS[name]
    actions = numpy.random.default_rng(1).integers(0, worlds.single_action_space.n, (steps, envs))
    times = []
    for row in actions:
        start = time.perf_counter()
        worlds.step(row)
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": times}), flush=True)
