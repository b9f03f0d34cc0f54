"""Steps and resets a second of Python Minigrid's BabyAI, as JSON.

    python3 bench/peers/minigrid_bench.py GoToLocal BossLevel

One environment, random actions of all seven, resets included in the steps; the best of three runs.
Ends with status 3 and a line on stderr where Minigrid or Gymnasium cannot be imported.
"""

import contextlib
import io
import json
import random
import sys
import time

try:
    import gymnasium
    import minigrid
except ImportError as error:
    print(f"{error}.", file=sys.stderr)
    sys.exit(3)

SECONDS = 1.0
RUNS = 3


def best_rate(work):
    """The best of RUNS: how often `work` is done in a second."""
    best = 0.0
    for _ in range(RUNS):
        start = time.perf_counter()
        count = 0
        while time.perf_counter() - start < SECONDS:
            for _ in range(50):
                work()
            count += 50
        best = max(best, count / (time.perf_counter() - start))
    return best


def measure(level):
    """Steps and resets a second of a level."""
    env = gymnasium.make(f"BabyAI-{level}-v0", disable_env_checker=True)
    env.reset(seed=0)
    actions = random.Random(1)

    def step():
        _, _, terminated, truncated, _ = env.step(actions.randrange(7))
        if terminated or truncated:
            env.reset()

    return best_rate(step), best_rate(env.reset)


def main():
    steps, resets = {}, {}
    # Minigrid prints each world that it rejects.
    with contextlib.redirect_stdout(io.StringIO()):
        for level in sys.argv[1:]:
            steps[level], resets[level] = measure(level)
    name = f"Minigrid {minigrid.__version__}, Python {sys.version.split()[0]}"
    print(json.dumps({"name": name, "steps": steps, "resets": resets}))


main()
