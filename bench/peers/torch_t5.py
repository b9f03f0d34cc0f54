"""Milliseconds of PyTorch and transformers for scoring candidates with a T5, as JSON.

    python3 bench/peers/torch_t5.py DIR TASK.json THREADS

DIR holds config.json and model.safetensors; TASK.json the prompts' and the candidates' token ids.
Scores as Lamorel does: the prompt is encoded once, its states are repeated for each candidate. Ends
with status 3 and a line on stderr where PyTorch or transformers cannot be imported.
"""

import json
import statistics
import sys
import time

try:
    import torch
    import transformers
except ImportError as error:
    print(f"{error}.", file=sys.stderr)
    sys.exit(3)

ROUNDS = 7


def main():
    folder, task_file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model = transformers.T5ForConditionalGeneration.from_pretrained(folder).eval()
    with open(task_file) as file:
        task = json.load(file)
    prompts, candidates = torch.tensor(task["prompts"]), torch.tensor(task["candidates"])
    count = len(candidates)
    labels = candidates.repeat(len(prompts), 1)
    starts = torch.full((len(labels), 1), model.config.decoder_start_token_id)
    inputs = torch.cat([starts, labels[:, :-1]], 1)
    mask = torch.ones(len(labels), prompts.shape[1], dtype=torch.long)

    @torch.inference_mode()
    def score():
        states = model.encoder(prompts).last_hidden_state.repeat_interleave(count, 0)
        outputs = model(encoder_outputs=(states,), attention_mask=mask, decoder_input_ids=inputs)
        return outputs.logits.log_softmax(-1).gather(2, labels[..., None]).squeeze(-1)

    log_probs = score()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        score()
        times.append((time.perf_counter() - start) * 1000)
    versions = f"PyTorch {torch.__version__}, transformers {transformers.__version__}"
    print(
        json.dumps(
            dict(
                name=versions,
                median=statistics.median(times),
                best=min(times),
                logProbs=log_probs.reshape(len(prompts), count, -1).tolist(),
            )
        )
    )


main()
