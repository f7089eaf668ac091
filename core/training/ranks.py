"""The processes that train one run together: one alone, or several under torchrun."""

import dataclasses
import os
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Ranks:
    """This process's place: `rank` of `size`. Rank 0 writes; the others only compute."""

    rank: int = 0
    size: int = 1

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def shard(self, indices: np.ndarray) -> np.ndarray:
        """This process's part of a batch or a subset."""
        return indices[self.rank :: self.size]

    def first(self, work: Callable[[], T]) -> T:
        """Do `work` on rank 0 first: the others find what it wrote."""
        if self.size == 1:
            return work()
        if not self.writes:
            dist.barrier()
        result = work()
        if self.writes:
            dist.barrier()
        return result

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model as the loop calls it: gradients are averaged over the processes."""
        if self.size == 1 or not any(p.requires_grad for p in model.parameters()):
            return model
        return DistributedDataParallel(model, device_ids=[device] if device.type == "cuda" else None)

    def join(self, part: np.ndarray, n: int, device: torch.device) -> np.ndarray:
        """Put the processes' shards of `n` rows together again, on every process: (n, n_columns)."""
        if self.size == 1:
            return part
        longest = -(-n // self.size)
        padded = np.zeros((longest, part.shape[1]), part.dtype)
        padded[: len(part)] = part
        mine = torch.from_numpy(padded).to(device)
        all_ = [torch.empty_like(mine) for _ in range(self.size)]
        dist.all_gather(all_, mine)
        woven = torch.stack(all_, dim=1).flatten(0, 1)[:n]  # row i came from rank i % size
        return woven.cpu().numpy()

    def total(self, values: torch.Tensor) -> torch.Tensor:
        """The sum of `values` over the processes."""
        if self.size > 1:
            values = values.clone()
            dist.all_reduce(values)
        return values

    def agree(self, code: int, device: torch.device) -> int:
        """Rank 0's `code`, on every process: all stop at the same step."""
        if self.size == 1:
            return code
        flag = torch.tensor([code], device=device)
        dist.broadcast(flag, src=0)
        return int(flag.item())


def from_environment() -> Ranks:
    """The place that torchrun gave this process; alone without it."""
    return Ranks(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


def connect(ranks: Ranks, device: torch.device) -> None:
    """Meet the other processes: nccl between GPUs, else gloo."""
    if ranks.size > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")


def disconnect(ranks: Ranks) -> None:
    """Leave the other processes."""
    if ranks.size > 1 and dist.is_initialized():
        dist.destroy_process_group()
