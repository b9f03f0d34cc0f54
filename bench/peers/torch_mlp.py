"""Milliseconds of PyTorch for an MLP 147-64-64-8 (tanh) on one thread, as JSON.

    python3 bench/peers/torch_mlp.py

A training step is forward, mean squared error, backward and Adam; median and best of many. Ends with
status 3 and a line on stderr where PyTorch cannot be imported.
"""

import json
import statistics
import sys
import time

try:
    import torch
except ImportError as error:
    print(f"{error}.", file=sys.stderr)
    sys.exit(3)

SECONDS = 1.0


def measure(work):
    """Median and best of the milliseconds that `work` takes."""
    for _ in range(50):
        work()
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return {"median": statistics.median(times), "best": min(times)}


def network():
    linear, tanh = torch.nn.Linear, torch.nn.Tanh
    return torch.nn.Sequential(linear(147, 64), tanh(), linear(64, 64), tanh(), linear(64, 8))


def train(batch):
    model = network()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs, targets = torch.randn(batch, 147), torch.randn(batch, 8)

    def step():
        adam.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        adam.step()

    return measure(step)


def forward(batch):
    model, inputs = network(), torch.randn(batch, 147)

    def step():
        with torch.no_grad():
            model(inputs)

    return measure(step)


torch.set_num_threads(1)
cpu = torch.backends.cpu.get_cpu_capability()
print(
    json.dumps(
        {
            "name": f"PyTorch {torch.__version__} ({cpu})",
            "train": {batch: train(batch) for batch in (64, 256, 1024)},
            "forward": {batch: forward(batch) for batch in (16, 64, 256)},
        }
    )
)
