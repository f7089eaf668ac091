"""How work is shared out among processes: told without starting any."""

import numpy as np
import pytest

from core.training import ranks


@pytest.mark.parametrize(
    ("n", "size", "shares"),
    [(8, 4, [2, 2, 2, 2]), (6, 4, [2, 2, 2, 0]), (3, 2, [3, 0]), (1, 3, [1, 0, 0]), (5, 2, [3, 2])],
)
def test_every_process_trains_on_two_images_at_least_or_on_none(n, size, shares):
    batch = np.arange(n) + 100
    found = [ranks.Ranks(rank, size).share(batch) for rank in range(size)]
    assert [len(share) for share in found] == shares
    assert sorted(np.concatenate(found)) == sorted(batch)
    assert ranks.Ranks(0, size).all_share(n) == all(shares)


def test_one_process_alone_does_everything():
    alone = ranks.Ranks()
    assert alone.share(np.arange(3)).tolist() == alone.shard(np.arange(3)).tolist() == [0, 1, 2]
    assert alone.first(lambda: 7) == 7
    assert alone.any(True) and not alone.any(False)
    assert alone.gather("x") == ["x"]
