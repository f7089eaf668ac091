"""Classify: every upload is answered or refused with its reason, by the model of the chosen run."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import runs
from core.data import datasets
from core.inference import predictor
from core.model import network, transform
from core.training import outcome
from pages.parts import classify_bars
from tests.pages import made
from tests.pages.conftest import Open, words

UPLOAD = "classify-files"


@pytest.fixture
def run(workspace: Path) -> runs.Run:
    """A finished run with a real, untrained network."""
    made_run = made.run("finished", name="Colours")
    network_ = network.Classifier("resnet18", len(made.CLASSES), 32)
    eval_transform = transform.EvalTransform.for_size(32)
    outcome.save_model(made_run, network_, eval_transform, {"kind": "none", "origin": "none"}, 1)
    return made_run


def picture(seed: int) -> tuple[str, bytes, str]:
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return f"picture{seed}.png", stream.getvalue(), "image/png"


def test_without_a_finished_run_the_page_leads_to_what_is_first(open_page: Open, tiny_folder: Path) -> None:
    assert "Bring images" in [button.label for button in open_page("classify").button]
    made.dataset_and_split(tiny_folder)
    assert "Go to Finetune" in [button.label for button in open_page("classify").button]


def test_one_image_gets_the_models_answer_and_the_way_to_it(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.file_uploader(key=UPLOAD).set_value([picture(1)]).run()
    assert not at.exception
    expected = predictor.load(run.id).predict([picture(1)[1]])[0]
    assert expected.label is not None and expected.probability is not None
    assert f"## {expected.label} :gray[{100 * expected.probability:.1f} %]" in words(at)
    at.button_group(key="classify-view").set_value("steps").run()
    table = at.dataframe[0].value.set_index("class")
    np.testing.assert_allclose(table.loc[made.CLASSES, "logit"], expected.logits, atol=1e-4)
    assert table["probability"].sum() == pytest.approx(1)


def test_a_file_that_is_no_image_says_so_beside_those_that_are(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    files = [picture(1), ("notes.txt", b"no picture", "text/plain"), picture(2)]
    at.file_uploader(key=UPLOAD).set_value(files).run()
    assert not at.exception
    table = at.dataframe[0].value
    assert table["name"].tolist() == ["picture1.png", "notes.txt", "picture2.png"]
    assert table["answer"].tolist()[1] == "no answer" and "not an image" in table["reason"].tolist()[1]
    assert {table["answer"][0], table["answer"][2]} <= set(made.CLASSES)


def test_a_run_whose_model_is_gone_is_a_sentence(open_page: Open) -> None:
    bare = made.run("finished")
    at = open_page("classify", run=bare.id)
    at.file_uploader(key=UPLOAD).set_value([picture(1)]).run()
    assert not at.exception
    assert any("has no model yet" in error.value for error in at.error)


def test_a_class_can_be_filtered_out_of_many(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.file_uploader(key=UPLOAD).set_value([picture(1), ("notes.txt", b"no picture", "text/plain")]).run()
    at.button_group(key="classify-filter").set_value(["no answer"]).run()
    assert at.dataframe[0].value["name"].tolist() == ["notes.txt"]
    assert any("not an image" in error.value for error in at.error)


def test_the_least_sure_answers_come_first_when_asked_for(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    broken = ("notes.txt", b"no picture", "text/plain")
    at.file_uploader(key=UPLOAD).set_value([picture(1), broken, picture(2), picture(3)]).run()
    before = at.dataframe[0].value["probability"].dropna().tolist()
    at.toggle(key="classify-unsure-first").set_value(True).run()
    after = at.dataframe[0].value
    assert after["probability"].tolist()[:3] == sorted(before)
    assert after["answer"].tolist()[3] == "no answer"


def test_a_correction_becomes_part_of_the_dataset(
    open_page: Open, workspace: Path, tiny_folder: Path, request: pytest.FixtureRequest
) -> None:
    before = datasets.add(made.DATASET, tiny_folder)
    run = request.getfixturevalue("run")  # made after its dataset, as runs are
    at = open_page("classify", run=run.id)
    at.file_uploader(key=UPLOAD).set_value([picture(1)]).run()
    at.button_group(key="classify-view").set_value("correct").run()
    at.selectbox(key="classify-right").select("green").run()
    at.button(key="classify-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    assert after.counts["green"] == before.counts["green"] + 1
    assert after.version > before.version
    assert any("Added to colours as green" in success.value for success in at.success)


def test_a_zip_is_answered_image_by_image(open_page: Open, run: runs.Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pets/one.png", picture(1)[1])
        archive.writestr("pets/two.png", b"broken")
        archive.writestr("../../escape.png", picture(2)[1])
    at = open_page("classify", run=run.id)
    at.file_uploader(key=UPLOAD).set_value([("pets.zip", stream.getvalue(), "application/zip")]).run()
    assert not at.exception
    table = at.dataframe[0].value.set_index("name")
    assert table.index.tolist() == ["pets/one.png", "pets/two.png"]
    assert table.loc["pets/one.png", "answer"] in made.CLASSES
    assert table.loc["pets/two.png", "answer"] == "no answer"


def test_a_damaged_zip_is_a_sentence_beside_the_answers(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    bad = ("pets.zip", b"PK no zip", "application/zip")
    at.file_uploader(key=UPLOAD).set_value([bad, picture(1), picture(2)]).run()
    assert not at.exception
    assert at.dataframe[0].value["name"].tolist() == ["picture1.png", "picture2.png"]
    assert any("pets.zip" in error.value for error in at.error)


def test_a_folder_on_the_server_becomes_a_table(open_page: Open, run: runs.Run, tiny_folder: Path) -> None:
    (tiny_folder / "broken.png").write_bytes(b"broken")
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-way").set_value("server").run()
    at.text_input(key="classify-server").set_value(str(tiny_folder)).run()
    at.button(key="classify-server-go").click().run()
    assert not at.exception
    assert "**37 images**, 1 of them without an answer." in words(at)
    table = at.dataframe[0].value
    assert table["label"].notna().sum() == 36 and set(table["label"].dropna()) <= set(made.CLASSES)
    (tiny_folder / "broken.png").unlink()  # other images than before: it begins anew
    at.button(key="classify-server-go").click().run()
    assert "**36 images**." in words(at)


def test_a_folder_that_is_not_there_is_a_sentence(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-way").set_value("server").run()
    at.text_input(key="classify-server").set_value("/no/such/folder").run()
    at.button(key="classify-server-go").click().run()
    assert [e.value for e in at.error] == ["There is no /no/such/folder on the server. Check the path."]


def test_the_command_line_and_http_forms_name_the_run(open_page: Open, run: runs.Run) -> None:
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-take-way").set_value("command").run()
    assert f"predict {run.id} FOLDER" in at.code[0].value
    at.segmented_control(key="classify-take-way").set_value("http").run()
    assert f"/api/predict?run={run.id}" in at.code[0].value


@pytest.mark.parametrize("view", ["heat", "neighbours"])
def test_reasons_are_given_on_demand(open_page: Open, run: runs.Run, view: str) -> None:
    at = open_page("classify", run=run.id)
    at.file_uploader(key=UPLOAD).set_value([picture(1)]).run()
    at.button_group(key="classify-view").set_value(view).run()
    assert not at.exception and not at.error
    said = words(at)
    assert ("Grad-CAM" in said) if view == "heat" else ("they are too few" in said)


def test_bars_escape_labels_and_count_what_they_leave_out() -> None:
    shares = {f"<b>{n}": 1 / 20 for n in range(20)}
    markup = classify_bars.markup(shares, dict.fromkeys(shares, "#123456"))
    assert "<b>" not in markup and "&lt;b&gt;" in markup
    assert "and 8 more" in markup
