"""Plays two levels with the Python package and says in JSON what came of it."""

import hashlib
import importlib.util
import json

import numpy
import tandem


def play(level, envs, steps):
    """A digest of all that is seen and earned, and how many episodes ended."""
    worlds = tandem.BabyAIVectorEnv(level, num_envs=envs)
    digest, ends = hashlib.sha256(), 0
    actions = (numpy.arange(steps)[:, None] * 5 + numpy.arange(envs) * 3) % 11 % 7
    observations, _ = worlds.reset(seed=100)
    tell(digest, observations)
    for row in actions:
        observations, rewards, terminated, truncated, infos = worlds.step(row)
        tell(digest, observations)
        digest.update(rewards.tobytes() + terminated.tobytes() + truncated.tobytes())
        for i in numpy.flatnonzero(infos.get("_final_obs", [])):
            ends += 1
            final = infos["final_obs"][i]
            digest.update(final["image"].tobytes() + final["mission"].encode())
    worlds.close()
    return {"digest": digest.hexdigest(), "ends": ends}


def tell(digest, observations):
    digest.update(observations["image"].tobytes())
    digest.update(observations["direction"].astype("u1").tobytes())
    digest.update("\n".join(observations["mission"]).encode())


def refused(work):
    try:
        work()
    except tandem.TandemError as error:
        return str(error)


def single():
    """What one world does: it waits for its reset, and a seed gives the same world again."""
    world = tandem.BabyAIEnv("GoToObj")
    first, _ = world.reset(seed=7)
    for _ in range(3):
        world.step(2)
    again, _ = world.reset(seed=7)
    is_same = first["mission"] == again["mission"] and bool((first["image"] == again["image"]).all())
    sentence = refused(lambda: world.step(9))
    *_, truncated, _ = [world.step(6) for _ in range(64)][-1]
    over = refused(lambda: world.step(6))
    world.close()
    return {"isSame": is_same, "truncated": truncated, "sentences": [sentence, over]}


def checked():
    """What Gymnasium's own checkers say; None where it is not installed."""
    if importlib.util.find_spec("gymnasium") is None:
        return None
    import gymnasium
    from gymnasium.utils.env_checker import check_env

    check_env(gymnasium.make("tandem/BabyAI-GoToObj-v0").unwrapped, skip_render_check=True)
    worlds = gymnasium.make_vec("tandem/BabyAI-GoToObj-v0", num_envs=3)
    return worlds.observation_space.contains(worlds.reset(seed=1)[0])


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "local": play("BabyAI-GoToLocal-v0", 8, 70),
                "unknown": refused(lambda: tandem.BabyAIVectorEnv("GoToMoon")),
                "single": single(),
                "checked": checked(),
            }
        )
    )
