"""Tandem's BabyAI worlds for Python: bit-exact to Minigrid's, many times as fast.

    import tandem
    worlds = tandem.BabyAIVectorEnv("BabyAI-GoToLocal-v0", num_envs=16)
    observations, infos = worlds.reset(seed=1)

With Gymnasium installed, ``gymnasium.make_vec("tandem/BabyAI-GoToLocal-v0", num_envs=16)`` and
``gymnasium.make("tandem/BabyAI-GoToLocal-v0")`` give the same once this package is imported; where it
is not, "tandem:tandem/BabyAI-GoToLocal-v0" imports it.
"""

from .errors import TandemError
from .levels import LEVELS
from .worlds import BabyAIEnv, BabyAIVectorEnv

__all__ = ["LEVELS", "BabyAIEnv", "BabyAIVectorEnv", "TandemError", "register"]


def register():
    """Makes the levels known to Gymnasium, as "tandem/BabyAI-GoToLocal-v0"."""
    from gymnasium.envs.registration import register as one, registry

    for level in LEVELS:
        name = f"tandem/{level}"
        if name not in registry:
            one(
                name,
                entry_point="tandem:BabyAIEnv",
                vector_entry_point="tandem:BabyAIVectorEnv",
                kwargs={"level": level},
            )


def _register_where_there_is_gymnasium():
    try:
        register()
    except ImportError:
        pass  # the classes do without


_register_where_there_is_gymnasium()
