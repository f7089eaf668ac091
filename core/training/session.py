"""One run from its configuration to its predictions: the glue between model, pixels, loop and the run's
folder.
"""

import contextlib

import numpy as np
import pandas as pd
import torch
from torch import nn

from core import progress as progresses
from core import runs, workspace
from core.errors import FieldguideError
from core.model import fused
from core.training import (
    afterwards,
    checkpoint,
    compiling,
    ema,
    evaluate,
    loggers,
    loop,
    memory,
    optim,
    outcome,
    pace,
    pixels,
    probe,
    quick,
    report,
    settings,
    tasks,
    watch,
)
from core.training import config as configs
from core.training import device as devices
from core.training import ranks as processes


def carry_out(run: runs.Run, status: report.Status, ranks: processes.Ranks) -> None:
    """Train `run` to its end, from its checkpoint if it has one.

    Raises:
        Stopped: the person asked for it; the checkpoint says where the run stands.
        FieldguideError: it cannot go on; the sentence says why.
    """
    config = configs.TrainingConfig.from_dict(run.config())
    device = devices.pick(config.device)
    torch.set_num_threads(devices.threads(config.threads))
    devices.exact_fp32()
    if device.type == "cuda":
        torch.cuda.set_device(device)
    ranks = processes.connect(ranks, device)
    try:
        setting = ranks.first(lambda: settings.settle(run, status, device))
        if setting.config.mode == "full":
            train(run, status, setting, ranks)
        elif ranks.writes:
            quick.train(run, status, setting)  # the work of seconds: one process does it
        if ranks.writes:
            afterwards.work_out(run, status)
            status.set(peak_bytes=memory.peak_bytes(device), seconds=status.seconds())
    finally:
        processes.disconnect(ranks)


def train(run: runs.Run, status: report.Status, setting: settings.Setting, ranks: processes.Ranks) -> None:
    """Full finetuning."""
    task = make_task(run, status, setting, ranks)
    head_steps = (setting.config.head_epochs or 0) * tasks.steps_per_epoch(task)
    optimizer = optim.build(setting.model, setting.config, head_steps=head_steps)
    path = run.folder / "checkpoint.pt"
    if setting.config.head_start == "fit" and not path.exists():
        table = run.manifest().query("subset == 'train'")
        ranks.first(lambda: quick.start_head(table, setting, task.n_classes, status))
    average = ema.Average(setting.model, setting.config.ema)
    state = checkpoint.load(path, setting.model, optimizer, average.parts())
    if ranks.writes:
        outcome.trim_history(run, state.epoch)
    table = run.manifest()
    judged = np.flatnonzero(table["subset"].isin(["validation", "test"]).to_numpy())
    core = _compiled(status, setting)
    pacing = watch.pacing(task)

    def keep() -> None:
        trainer.catch_up()  # on every process
        if ranks.writes:
            checkpoint.save(path, setting.model, optimizer, state, average.parts())

    if ranks.writes:
        foresee(pacing, status, setting, table)
    with contextlib.ExitStack() as open_:
        listener = watch.Watch(
            run,
            status,
            task,
            pacing,
            ranks,
            keep_best=lambda epoch: outcome.save_model(
                run, average.model, setting.transform, setting.weights, epoch
            ),
            keep_checkpoint=keep,
            loggers=open_.enter_context(loggers.opened(run, status)) if ranks.writes else loggers.NONE,
        )
        trainer = loop.Trainer(
            setting.model, task, optimizer, state, listener, ranks, average=average, core=core
        )
        trainer.fit()
    if ranks.writes:
        status.end_in(pacing.tail)
        finish(run, status, setting, task.pixels, table, judged)


def _compiled(status: report.Status, setting: settings.Setting) -> nn.Module:
    """The network as the loop calls it: compiled where that is asked for and works."""
    config = setting.config
    if config.compile == "off":
        return setting.model
    status.tick(0, 0, "Compiling the network")
    optim.set_mode(setting.model, batch_norm=config.batch_norm or "train")
    core, trouble = compiling.compiled(setting.model, config, setting.device, setting.transform.image_size)
    if trouble:
        status.note(trouble)
    return core


def foresee(pacing: pace.Pace, status: report.Status, setting: settings.Setting, table: pd.DataFrame) -> None:
    """Time a few images, so that the time left is known from the first step on, or left unknown."""
    status.tick(0, 0, "Timing a few images")
    config = setting.config
    try:
        found = probe.look(setting.model, setting.device, config.precision, config.batch_norm or "train")
        source = settings.source(config, progresses.silent)
        missing = probe.without_features(table, source, setting.transform, config)
        tail = probe.tail(table, setting.transform, found, missing, config.threads or 1)
    except (RuntimeError, FieldguideError) as error:  # memory that runs out, say: the run itself goes on
        status.log(f"The time left could not be measured beforehand: {error}")
        return
    per_step = (config.batch_size or 1) / probe.IMAGES
    pacing.expect(
        head=found.head_step * per_step,
        full=found.full_step * per_step,
        size=setting.transform.image_size,
        evaluation=found.evaluation * pacing.evaluation_images,
    )
    pacing.tail = tail


def make_task(
    run: runs.Run, status: report.Status, setting: settings.Setting, ranks: processes.Ranks
) -> tasks.Task:
    """The images, decoded, and what is to be learned from them."""
    table = run.manifest()
    threads = setting.config.threads or 1
    progress = report.stoppable(status)
    store = ranks.first(lambda: pixels.prepare(table, setting.transform, threads=threads, progress=progress))
    subset = table["subset"].to_numpy()
    return tasks.Task(
        config=setting.config,
        transform=setting.transform,
        pixels=store,
        paths=table["path"].tolist(),
        labels=table["class_index"].to_numpy(np.int64),
        train=np.flatnonzero(subset == "train"),
        validation=np.flatnonzero(subset == "validation"),
        n_classes=len(run.classes()),
        device=setting.device,
        precision=setting.config.precision,
    )


def finish(
    run: runs.Run,
    status: report.Status,
    setting: settings.Setting,
    store: pixels.Pixels,
    table: pd.DataFrame,
    judged: np.ndarray,
) -> None:
    """Let the best epoch answer the validation and test images, in fp32, and write down what it says."""
    model = fused.fuse(outcome.load_model(run)).to(setting.device)  # as prediction does
    progress = report.stoppable(status)
    scores = evaluate.logits(
        model,
        store,
        judged,
        setting.transform,
        device=setting.device,
        on_batch=lambda done: progress(done, len(judged), "Answering validation and test images"),
    )
    rows = table.iloc[judged]
    outcome.save_predictions(run, rows, scores)
    mine = (rows["subset"] == "validation").to_numpy()
    found = evaluate.figures(scores[mine], rows["class_index"].to_numpy(np.int64)[mine])
    found.pop("confusion")
    card = workspace.read_json(run.folder / "model.json")
    status.set(validation=found, best_epoch=card["epoch"], seconds=status.seconds())
