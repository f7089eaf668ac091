"""The worker's log tells, with the time, what a run did: one that ends well and one that fails."""

import re

from core.training import jobs, journal

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  \S")


def sentences(run):
    """The lines of a run's log, each checked for its time, without it."""
    lines = jobs.log_of(run).splitlines()
    assert lines and all(LINE.match(line) for line in lines), lines
    return [line.split("UTC  ", 1)[1] for line in lines]


def test_a_detached_run_tells_its_stages_choices_and_epochs(settings):
    run = jobs.launch(settings(epochs=2))
    assert jobs.wait(run.id, timeout=180) == "finished"
    said = sentences(run)
    assert said[0] == "The run begins."
    assert any(line.startswith("Weights: none: random numbers") for line in said)
    assert any("mobilenet_v3_small, 32 px, device cpu, fp32, 1 threads, seed 0" in line for line in said)
    assert any("learning rate 0.001 for the head and 0.001 for the backbone" in line for line in said)
    entry = run.history()[1]
    epoch = next(line for line in said if line.startswith("Epoch 2 of 2: "))
    assert f"validation loss {entry['validation_loss']:.4f}" in epoch
    assert f"macro F1 {entry['validation_macro_f1']:.1%}" in epoch
    order = ["Decoding images.", "Epoch 1 of 2.", "Answering validation and test images."]
    assert [line for line in said if line in order] == order
    assert said[-1].startswith("Finished after ")


def test_a_persons_error_is_in_the_log_too(settings, tiny_folder):
    config = settings(epochs=1)
    for file in tiny_folder.glob("red/*.png"):
        file.unlink()
    run = jobs.launch(config)
    assert jobs.wait(run.id, timeout=180) == "failed"
    assert sentences(run)[-1] == f"Failed: {run.status()['error']}"


def test_a_resumed_run_says_so_once_for_each_sitting(settings):
    from tests.core.training.trained import stop_after

    run = jobs.prepare(settings())
    jobs.run_here(run, stop_after(run, "pause", "Epoch 2 of 2, step 1"))
    jobs.resume(run.id, detach=False)
    said = sentences(run)
    assert said.count("The run begins.") == said.count("The run goes on.") == 1
    assert "Paused, as asked." in said


def test_a_log_that_cannot_be_written_is_no_further_trouble(settings):
    run = jobs.prepare(settings())
    (run.folder / journal.FILE).mkdir()
    journal.write(run, "something")
    assert (run.folder / journal.FILE).is_dir()
