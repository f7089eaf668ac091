"""The processes that train one run together: one alone, or several under torchrun."""

import contextlib
import dataclasses
import datetime
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

T = TypeVar("T")
PATIENCE = datetime.timedelta(days=7)
"""How long processes wait for each other: one of them may decode a large dataset. If one dies, torchrun
ends the others.
"""


class EndedElsewhere(Exception):
    """Not this process's error: the first one has stopped or failed, and says why."""


@dataclasses.dataclass(frozen=True)
class Ranks:
    """This process's place: `rank` of `size`. Rank 0 writes; the others only compute.

    `control` is the group in which they agree on what to do, over the processors, so that no GPU waits.
    """

    rank: int = 0
    size: int = 1
    control: Any = None

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def share(self, batch: np.ndarray) -> np.ndarray:
        """This process's part of a batch that is trained on: none, or at least two images where there are
        two (BatchNorm cannot be trained on one).
        """
        workers = min(self.size, max(len(batch) // 2, 1))
        return batch[self.rank :: workers] if self.rank < workers else batch[:0]

    def all_share(self, n: int) -> bool:
        """Whether a batch of `n` images leaves no process without any."""
        return self.size == 1 or n // 2 >= self.size

    def shard(self, indices: np.ndarray) -> np.ndarray:
        """This process's part of a subset that is answered."""
        return indices[self.rank :: self.size]

    def first(self, work: Callable[[], T]) -> T:
        """Do `work` on rank 0 first: the others find what it wrote.

        Raises:
            EndedElsewhere: it failed or was stopped there.
        """
        if self.size == 1:
            return work()
        if self.writes:
            went_well = False
            try:
                result = work()
                went_well = True
            finally:
                self.agree(int(went_well))
            return result
        if not self.agree(0):
            raise EndedElsewhere
        return work()

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model as the loop calls it: gradients are averaged over the processes."""
        if self.size == 1 or not any(p.requires_grad for p in model.parameters()):
            return model
        return DistributedDataParallel(
            model,
            device_ids=[device] if device.type == "cuda" else None,
            broadcast_buffers=False,  # `average` keeps BatchNorm's statistics alike
        )

    @staticmethod
    def gradients_meet(network: nn.Module, now: bool) -> contextlib.AbstractContextManager[object]:
        """The block in which a backward pass averages the gradients over the processes, or only adds up its
        own.
        """
        if now or not isinstance(network, DistributedDataParallel):
            return contextlib.nullcontext()
        return network.no_sync()

    def average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Average gradients that were added up apart; a process without images counts as zero."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.average([parameter.grad for parameter in parameters if parameter.grad is not None])

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Give every process the mean of each of `tensors` over the processes, in place."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors]).div_(self.size)
        dist.all_reduce(flat)
        pieces = flat.split([tensor.numel() for tensor in tensors])
        for tensor, piece in zip(tensors, pieces, strict=True):
            tensor.copy_(piece.view_as(tensor))

    def join(self, part: np.ndarray, n: int, n_columns: int, device: torch.device) -> np.ndarray:
        """Put the processes' shards of `n` rows together again, on every process: (n, n_columns)."""
        if self.size == 1:
            return part
        longest = -(-n // self.size)
        padded = np.zeros((longest, n_columns), np.float32)
        padded[: len(part)] = part.reshape(-1, n_columns)
        mine = torch.from_numpy(padded).to(device)
        all_ = [torch.empty_like(mine) for _ in range(self.size)]
        dist.all_gather(all_, mine)
        woven = torch.stack(all_, dim=1).flatten(0, 1)[:n]  # row i came from rank i % size
        return woven.cpu().numpy()

    def total(self, values: Tensor) -> Tensor:
        """The sum of `values` over the processes."""
        if self.size > 1:
            values = values.clone()
            dist.all_reduce(values)
        return values

    def agree(self, code: int) -> int:
        """Rank 0's `code`, on every process: all stop at the same step."""
        if self.size == 1:
            return code
        flag = torch.tensor([code])
        dist.broadcast(flag, src=0, group=self.control)
        return int(flag.item())

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set on any process."""
        if self.size == 1:
            return flag
        found = torch.tensor([int(flag)])
        dist.all_reduce(found, op=dist.ReduceOp.MAX, group=self.control)
        return bool(found.item())

    def gather(self, text: str) -> list[str]:
        """Each process's `text`, on every process, by rank."""
        if self.size == 1:
            return [text]
        found = [""] * self.size
        dist.all_gather_object(found, text, group=self.control)
        return found


def from_environment() -> Ranks:
    """The place that torchrun gave this process; alone without it."""
    return Ranks(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


def connect(ranks: Ranks, device: torch.device) -> Ranks:
    """Meet the other processes: nccl between GPUs, else gloo. Returns the place with its control group."""
    if ranks.size == 1:
        return ranks
    if device.type == "cuda":
        dist.init_process_group("nccl", device_id=device, timeout=PATIENCE)
    else:
        dist.init_process_group("gloo", timeout=PATIENCE)
    return dataclasses.replace(ranks, control=dist.new_group(backend="gloo", timeout=PATIENCE))


def disconnect(ranks: Ranks) -> None:
    """Leave the other processes."""
    if ranks.size > 1 and dist.is_initialized():
        dist.destroy_process_group()
