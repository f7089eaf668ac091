"""Why the model answers so: heat, neighbours, bars, features, copies that it has seen."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from core import runs
from core import workspace as workspaces
from core.data import datasets
from core.inference.explain import reasons
from pages.parts import bars
from pages.parts.classify import stations, thumbs
from tests.pages import made
from tests.pages.classify.bringing import bring, picture
from tests.pages.conftest import Open, words


def test_heat_is_given_for_any_two_classes(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    at.button_group(key="classify-view").set_value("heat").run()
    at.selectbox(key="classify-heat-first").set_value("red").run()
    at.selectbox(key="classify-heat-second").set_value("blue").run()
    assert not at.exception and not at.error
    said = words(at)
    assert "**red** · " in said and "**blue** · " in said and said.count("Grad-CAM") == 2


def test_an_explanation_that_fails_leaves_the_answer_standing(
    open_page: Open, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: object) -> None:
        raise RuntimeError("no gradient")

    monkeypatch.setattr(reasons, "explain", fails)
    at = bring(open_page("classify", run=run.id), picture(1))
    at.button_group(key="classify-view").set_value("heat").run()
    assert not at.exception
    assert any("reference" in error.value for error in at.error)
    assert "Take the model with you" in words(at)  # the rest of the page is there


def test_neighbours_are_shown_with_label_and_distance_in_words(
    open_page: Open, before: datasets.Dataset, knowing: runs.Run
) -> None:
    at = bring(open_page("classify", run=knowing.id), picture(1))
    at.button_group(key="classify-view").set_value("neighbours").run()
    assert not at.exception and not at.error
    html = "".join(element.proto.body for element in at.get("html"))
    assert html.count("<img") == 6
    assert any(
        f"{label} · {near}<" in html for label in made.CLASSES for near in ("near", "very near", "far")
    )


def test_without_known_images_neighbours_say_why(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    at.button_group(key="classify-view").set_value("neighbours").run()
    assert not at.exception and "they are too few" in words(at)


def test_bars_escape_labels_and_count_what_they_leave_out() -> None:
    shares = {f"<b>{n}": 1 / 20 for n in range(20)}
    markup = bars.markup(shares, dict.fromkeys(shares, "#123456"))
    assert "<b>" not in markup and "&lt;b&gt;" in markup
    assert "and 8 more" in markup


def test_features_are_a_field_each_from_the_smallest_to_the_largest_colour() -> None:
    strip = stations.strip([0.0, 1.0, 4.0], ["#light", "#dark"])
    assert strip.count("<i ") == 3
    assert strip.index("#light") < strip.index("#dark") and strip.count("#dark") == 1
    assert stations.strip([2.0, 2.0], ["#light"]).count("#light") == 2


def test_an_exact_copy_of_a_training_image_is_said_to_be_one(open_page: Open, run: runs.Run) -> None:
    name, data, kind = picture(1)
    table = run.manifest()
    table.loc[table.index[0], "sha256"] = hashlib.sha256(data).hexdigest()
    workspaces.write_table(run.folder / "manifest.parquet", table)
    said = words(bring(open_page("classify", run=run.id), (name, data, kind)))
    assert "The model knows this image: it is one of its **training** images" in said
    assert "The model knows this image" not in words(bring(open_page("classify", run=run.id), picture(2)))


def test_a_portrait_is_no_taller_than_a_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown: list[object] = []
    monkeypatch.setattr(thumbs.st, "image", lambda *_, width, **__: shown.append(width))
    for place, size in enumerate([(300, 900), (900, 300)]):
        Image.new("RGB", size).save(tmp_path / f"{place}.png")
        thumbs.show(tmp_path / f"{place}.png", "image")
    assert shown == [round(thumbs.TALLEST / 3), "stretch"]
