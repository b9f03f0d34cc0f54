"""Steps a second of Tandem's BabyAI worlds in Python, beside Minigrid's own, in turns.

    pip install ./bindings/python && python3 bench/peers/minigrid_worlds.py GoToLocal BossLevel

Random actions of all seven. Minigrid's worlds are one after another, as SyncVectorEnv steps them. Says the
steps a second of the fastest tenth of the turns of each, and whether the same seeds gave the same worlds.
"""

import contextlib
import io
import sys
import time

import gymnasium
import minigrid
import numpy
import tandem

ENVS, TURNS, STEPS = 64, 40, 20


def is_same(seen, i, own):
    return (
        bool((seen["image"][i] == own["image"]).all())
        and seen["direction"][i] == own["direction"]
        and seen["mission"][i] == own["mission"]
    )


def measure(level):
    name, random = f"BabyAI-{level}-v0", numpy.random.default_rng(1)
    ours = gymnasium.make_vec(f"tandem/{name}", num_envs=ENVS)
    theirs = gymnasium.make(name, disable_env_checker=True)
    same = 0
    seen, _ = ours.reset(seed=0)
    for i in range(ENVS):
        same += is_same(seen, i, theirs.reset(seed=i)[0])
    rates = [], []
    for _ in range(TURNS):
        actions = random.integers(0, 7, (STEPS, ENVS))
        start = time.perf_counter()
        for row in actions:
            ours.step(row)
        rates[0].append(actions.size / (time.perf_counter() - start))
        start = time.perf_counter()
        for action in actions.ravel()[:60].tolist():
            _, _, terminated, truncated, _ = theirs.step(action)
            if terminated or truncated:
                theirs.reset()
        rates[1].append(60 / (time.perf_counter() - start))
    ours.close()
    best = [sorted(each)[-len(each) // 10] for each in rates]
    return same, *best


def main():
    print(f"Minigrid {minigrid.__version__}; {ENVS} worlds; steps a second")
    for level in sys.argv[1:]:
        with contextlib.redirect_stdout(io.StringIO()):  # Minigrid prints each world that it rejects
            same, ours, theirs = measure(level)
        print(
            f"{level:16} {ours:9,.0f} / {theirs:7,.0f}, {ours / theirs:.0f} times; "
            f"{same} of {ENVS} worlds the same"
        )


main()
