"""Classify: every upload is answered or refused with its reason, by the model of the chosen run."""

import dataclasses
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import runs
from core import workspace as workspaces
from core.data import datasets
from core.inference import answered, detached, detached_worker, intake, predictor, share, unknown
from core.inference.explain import reasons
from core.metrics import decisions
from core.model import network, transform
from core.split import config as split_config
from core.split import store as splits
from core.training import jobs, outcome
from pages.parts import bars, handover
from pages.parts.classify import stations, thumbs
from tests.pages import made
from tests.pages.conftest import Open, words

UPLOAD = "classify-files-{}"


@pytest.fixture
def before(workspace: Path, tiny_folder: Path) -> datasets.Dataset:
    """The dataset of the run, as it is before anything is corrected; asked for before `run`, as in life."""
    return datasets.add(made.DATASET, tiny_folder)


@pytest.fixture
def run(workspace: Path) -> runs.Run:
    """A finished run with a real, untrained network."""
    made_run = made.run("finished", name="Colours")
    network_ = network.Classifier("resnet18", len(made.CLASSES), 32)
    eval_transform = transform.EvalTransform.for_size(32)
    outcome.save_model(made_run, network_, eval_transform, {"kind": "none", "origin": "none"}, 1)
    return made_run


@pytest.fixture
def knowing(run: runs.Run, tiny_folder: Path) -> runs.Run:
    """The same, and it knows the images of its dataset."""
    table = run.manifest()
    table["file"] = [str(tiny_folder / file) for file in table["file"]]
    workspaces.write_table(run.folder / "manifest.parquet", table)
    unknown.fit(run)
    return run


def picture(seed: int) -> tuple[str, bytes, str]:
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return f"picture{seed}.png", stream.getvalue(), "image/png"


BROKEN = ("notes.txt", b"no picture", "text/plain")


def bring(at: AppTest, *files: tuple[str, bytes, str], number: int = 0) -> AppTest:
    return at.file_uploader(key=UPLOAD.format(number)).set_value(list(files)).run()


def the_table(at: AppTest) -> pd.DataFrame:
    assert not at.exception
    return at.dataframe[0].value


def test_without_a_finished_run_the_page_leads_to_what_is_first(open_page: Open, tiny_folder: Path) -> None:
    assert "Bring images" in [button.label for button in open_page("classify").button]
    made.dataset_and_split(tiny_folder)
    assert "Go to Finetune" in [button.label for button in open_page("classify").button]


def test_one_image_gets_the_models_answer_and_the_way_to_it(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    assert not at.exception
    expected = predictor.load(run.id).predict([picture(1)[1]])[0]
    assert expected.label is not None and expected.probability is not None
    assert f"## {expected.label} :gray[{100 * expected.probability:.1f} %]" in words(at)
    at.button_group(key="classify-view").set_value("steps").run()
    table = the_table(at).set_index("class")
    np.testing.assert_allclose(table.loc[made.CLASSES, "logit"], expected.logits, atol=1e-4)
    assert table["probability"].sum() == pytest.approx(1)
    said = words(at)
    assert "`(3, 32, 32)`" in said and "**2 · 512 features.**" in said
    assert "The likeliest class is the answer." in said


def test_uploads_are_on_the_disk_and_their_bytes_are_let_go(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    kept = list((workspaces.home() / "cache" / "uploads").rglob("*.png"))
    assert sorted(path.read_bytes() for path in kept) == sorted(picture(i)[1] for i in (1, 2))
    assert at.file_uploader(key=UPLOAD.format(1)).value == []  # a new, empty one
    bring(at, picture(3), number=1)
    assert the_table(at)["name"].tolist() == ["picture3.png", "picture1.png", "picture2.png"]  # newest first
    at.button(key="classify-clear").click().run()
    assert not at.dataframe and not list((workspaces.home() / "cache" / "uploads").rglob("*.png"))


def test_the_limits_are_stated_and_a_full_tray_is_a_sentence(
    open_page: Open, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("classify", run=run.id)
    assert "Up to 400 MB a file, 20,000 images and 4 GB at a time" in words(at)
    monkeypatch.setattr(intake, "MOST_IMAGES", 1)
    bring(at, picture(1), picture(2))
    assert any("picture2" in error.value and "the most at a time" in error.value for error in at.error)
    assert "**1 file**" in words(at)


def test_a_file_that_is_no_image_says_so_beside_those_that_are(open_page: Open, run: runs.Run) -> None:
    table = the_table(bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2)))
    assert table["name"].tolist() == ["picture1.png", "notes.txt", "picture2.png"]
    assert table["answer"].tolist()[1] == "no answer" and "not an image" in table["reason"].tolist()[1]
    assert {table["answer"].tolist()[0], table["answer"].tolist()[2]} <= set(made.CLASSES)


def test_a_run_whose_model_is_gone_is_a_sentence(open_page: Open) -> None:
    at = bring(open_page("classify", run=made.run("finished").id), picture(1))
    assert not at.exception
    assert any("has no model yet" in error.value for error in at.error)


def test_answers_are_kept_for_each_model_apart(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    before = the_table(at)["probability"].tolist()
    at.toggle(key="classify-twice").set_value(True).run()
    twice = predictor.load(run.id).looking_twice().predict([picture(i)[1] for i in (1, 2)])
    shown = the_table(at)["probability"] / 100
    np.testing.assert_allclose(shown, [one.probability for one in twice], atol=1e-6)
    at.toggle(key="classify-twice").set_value(False).run()
    assert the_table(at)["probability"].tolist() == before


def test_a_class_can_be_filtered_out_of_many(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN)
    at.button_group(key="classify-filter").set_value(["no answer"]).run()
    assert the_table(at)["name"].tolist() == ["notes.txt"]
    assert any("not an image" in error.value.lower() for error in at.error)


def test_the_least_sure_answers_come_first_when_asked_for(open_page: Open, run: runs.Run) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2), picture(3))
    before = the_table(at)["probability"].dropna().tolist()
    at.selectbox(key="classify-order").set_value("unsure").run()
    after = the_table(at)
    assert after["probability"].tolist()[:3] == sorted(before)
    assert after["answer"].tolist()[3] == "no answer"


def test_many_answers_come_a_page_at_a_time(open_page: Open, run: runs.Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(120):
            archive.writestr(f"{number:03d}.png", picture(0)[1])
    at = bring(open_page("classify", run=run.id), ("many.zip", stream.getvalue(), "application/zip"))
    assert the_table(at)["name"].tolist() == [f"{number:03d}.png" for number in range(50)]
    at.session_state["classify-page"] = 3
    assert the_table(at.run())["name"].tolist() == [f"{number:03d}.png" for number in range(100, 120)]


def test_every_member_of_a_zip_is_answered_or_refused_with_its_reason(open_page: Open, run: runs.Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pets/one.png", picture(1)[1])
        archive.writestr("pets/two.png", b"broken")
        archive.writestr("../../escape.png", picture(2)[1])
        archive.writestr("pets/notes.txt", b"notes")
        archive.writestr("inner.zip", b"PK")
    at = bring(open_page("classify", run=run.id), ("pets.zip", stream.getvalue(), "application/zip"))
    table = the_table(at).set_index("name")
    assert sorted(table.index) == [
        "../../escape.png",
        "inner.zip",
        "pets/notes.txt",
        "pets/one.png",
        "pets/two.png",
    ]
    assert table.loc["pets/one.png", "answer"] in made.CLASSES
    refused = table.drop("pets/one.png")
    assert (refused["answer"] == "no answer").all() and refused["reason"].all()
    assert "outside" in table.loc["../../escape.png", "reason"]
    assert "unpack it first" in table.loc["inner.zip", "reason"]


def test_a_damaged_zip_is_a_sentence_beside_the_answers(open_page: Open, run: runs.Run) -> None:
    bad = ("pets.zip", b"PK no zip", "application/zip")
    at = bring(open_page("classify", run=run.id), bad, picture(1), picture(2))
    assert the_table(at)["name"].tolist() == ["picture1.png", "picture2.png"]
    assert any("pets" in error.value and "zip" in error.value for error in at.error)


def test_the_share_of_unknowns_belongs_to_the_run_and_needs_no_second_look(
    open_page: Open, knowing: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = bring(open_page("classify", run=knowing.id), picture(1), picture(2))
    folder = next((workspaces.home() / "cache" / "uploads").rglob("answers-*"))
    far = next(answered.read(folder))["distance"]
    known = predictor.load(knowing.id).known
    assert known is not None and not far.isna().any()
    monkeypatch.setattr(predictor.Predictor, "stream", None)  # nothing may be put to the model again
    for percent in (20, 1):
        at.slider(key="classify-share").set_value(percent).run()
        assert share.load(knowing) == percent / 100
        said = (far > known.turning_away(percent / 100).cutoff).tolist()
        assert (the_table(at)["answer"] == "unknown").tolist() == said
    again = open_page("classify", run=knowing.id)
    assert again.slider(key="classify-share").value == 1


@pytest.mark.parametrize(
    "kind, said",
    [("imagenet", "most of what it does not know"), ("starter", "misses more"), ("none", "poor")],
)
def test_how_far_the_unknown_can_be_relied_on_follows_from_the_weights(
    open_page: Open, run: runs.Run, kind: str, said: str
) -> None:
    card = workspaces.read_json(run.folder / "model.json")
    workspaces.write_json(run.folder / "model.json", card | {"weights": {"kind": kind}})
    assert said in words(open_page("classify", run=run.id))


def test_a_rule_that_decides_otherwise_says_so(open_page: Open, run: runs.Run) -> None:
    answer = predictor.load(run.id).predict([picture(1)[1]])[0]
    least = min(answer.probabilities, key=lambda label: answer.probabilities[label])
    plain = decisions.Decision(classes=tuple(made.CLASSES))
    decisions.save(run, dataclasses.replace(plain, kind="threshold", label=least, threshold=0.0))
    at = bring(open_page("classify", run=run.id), picture(1))
    assert f"## {least}" in words(at) and "this run's rule decides otherwise" in words(at)
    at.button_group(key="classify-view").set_value("steps").run()
    assert f"**4 · The answer: {least}.** The likeliest class is **{answer.label}**" in words(at)
    decisions.save(run, dataclasses.replace(plain, unknown_below=1.0))
    at.run()
    assert "I don't know" in words(at) and "asks for at least 100.0 %" in words(at)


def test_a_correction_becomes_part_of_the_dataset(
    open_page: Open, before: datasets.Dataset, run: runs.Run
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1))
    at.button_group(key="classify-view").set_value("correct").run()
    at.selectbox(key="classify-right").select("green").run()
    at.button(key="classify-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    assert after.counts["green"] == before.counts["green"] + 1
    assert after.version > before.version
    assert any("Added to colours as green" in success.value for success in at.success)


@pytest.mark.parametrize("label", ["a/b", "../../evil", "x" * 201])
def test_a_typed_label_is_kept_letter_by_letter_or_refused(
    open_page: Open, before: datasets.Dataset, run: runs.Run, label: str
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    at.selectbox(key="classify-order").set_value("label").run()
    at.text_input(key="classify-is-other").set_value(label).run()
    at.button(key="classify-is").click().run()
    at.button(key="classify-label-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    if len(label) > 200:
        assert any("cannot be a label" in error.value for error in at.error)
        assert after.version == before.version
    else:
        assert after.counts == dict(sorted({**before.counts, label: 1}.items()))


def test_several_marked_images_are_corrected_together(
    open_page: Open, before: datasets.Dataset, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.classify.table.draw", lambda run, shown: [0, 1, 2])  # as if marked
    at = bring(open_page("classify", run=run.id), picture(1), BROKEN, picture(2))
    assert "**2 of 3 marked images** can be given their right label." in words(at)
    at.selectbox(key="classify-right").select("blue").run()
    at.button(key="classify-add").click().run()
    assert not at.exception
    assert datasets.load(made.DATASET).counts["blue"] == before.counts["blue"] + 2


def test_the_most_useful_images_are_labelled_with_a_click_each(
    open_page: Open, before: datasets.Dataset, run: runs.Run
) -> None:
    brought = [picture(number) for number in range(1, 6)]
    at = bring(open_page("classify", run=run.id), *brought, BROKEN)
    at.selectbox(key="classify-order").set_value("label").run()
    answers = predictor.load(run.id).predict([content for _, content, _ in brought])
    shares = np.array([list(answer.probabilities.values()) for answer in answers])
    # The longest gradient of the last layer comes first: see core.inference.labelling.
    lengths = ((shares - np.eye(shares.shape[1])[shares.argmax(axis=1)]) ** 2).sum(axis=1)
    assert brought[int(lengths.argmax())][0].replace(".", "\\.") in words(at)
    likeliest = at.button(key="classify-is-0").label
    at.button(key="classify-is-0").click().run()
    at.text_input(key="classify-is-other").set_value("violet").run()
    at.button(key="classify-is").click().run()
    at.button(key="classify-skip").click().run()
    assert at.button(key="classify-label-add").label == "Add 2 to the dataset"
    at.button(key="classify-label-add").click().run()
    assert not at.exception
    after = datasets.load(made.DATASET)
    assert after.counts["violet"] == 1 and after.counts[likeliest] == before.counts[likeliest] + 1
    assert len(after.source["parts"]) == 2
    for _ in range(2):
        at.button(key="classify-is-0").click().run()
    assert not at.exception
    assert "Nothing is left to label here." in words(at)


def test_after_a_correction_one_step_splits_anew_and_trains_again(
    open_page: Open, before: datasets.Dataset, run: runs.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits.make(made.SPLIT, before, split_config.SplitConfig())
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda made_run: started.append(made_run.id))
    at = bring(open_page("classify", run=run.id), picture(1))
    assert "Teach it what you corrected" not in words(at) and "Train again" not in words(at)
    at.button_group(key="classify-view").set_value("correct").run()
    at.selectbox(key="classify-right").select("green").run()
    at.button(key="classify-add").click().run()
    said = words(at)
    assert (
        "1 new" in said and "*colours\\-split\\-v2*" in said and "6 images that were test stay test" in said
    )
    at.button(key="classify-retrain-go").click().run()
    again = runs.load(started[0])
    assert again.config()["split"] == "colours-split-v2" and len(again.manifest()) == 37


def test_a_folder_on_the_server_is_answered_elsewhere_and_shown_like_uploads(
    open_page: Open, run: runs.Run, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_folder / "broken.png").write_bytes(b"broken")
    monkeypatch.setattr("core.asked.spawn", lambda *given, **options: None)  # the test plays the process
    at = open_page("classify", run=run.id)
    at.segmented_control(key="classify-way").set_value("server").run()
    at.text_input(key="classify-server").set_value(str(tiny_folder)).run()
    at.button(key="classify-server-go").click().run()
    (batch,) = detached.known(run)
    assert "classify-folder-stop" in [button.key for button in at.button]
    detached_worker.carry_out(batch)
    at = open_page("classify", run=run.id)  # another tab: the folder is still there
    at.segmented_control(key="classify-way").set_value("server").run()
    assert "Answered] 37 images" in words(at)
    table = the_table(at)
    assert table["name"].tolist()[:2] == ["broken.png", "blue/00.png"] and len(table) == 37
    assert table["image"].str.startswith("data:image/jpeg").sum() == 36
    at.button(key="classify-zip").click().run()
    assert not at.exception
    with zipfile.ZipFile(batch.folder / "sorted.zip") as archive:
        assert len(archive.namelist()) == 36
    at.button(key="classify-folder-forget").click().run()
    assert not batch.folder.exists() and not at.dataframe


def test_originals_are_copied_into_a_folder_that_is_new(
    open_page: Open, run: runs.Run, tmp_path: Path
) -> None:
    at = bring(open_page("classify", run=run.id), picture(1), picture(2))
    at.text_input(key="classify-sort-into").set_value(str(tmp_path / "sorted")).run()
    at.button(key="classify-sort-go").click().run()
    assert sorted(path.name for path in (tmp_path / "sorted").rglob("*.png")) == [
        "picture1.png",
        "picture2.png",
    ]
    at.button(key="classify-sort-go").click().run()
    assert any("holds something already" in error.value for error in at.error)


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


def test_a_file_is_handed_over_only_with_its_signature(workspace: Path) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    client = TestClient(Starlette(routes=handover.routes()))
    file = workspace / "cache" / "a b" / "sorted.zip"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"zip")
    address = handover.url(file, "sorted.zip")
    answer = client.get(address)
    assert answer.content == b"zip" and "sorted.zip" in answer.headers["content-disposition"]
    assert client.get(address.replace("sorted.zip&", "other.zip&")).status_code == 404
    assert client.get("/handover/x?file=../../etc/passwd&k=guess").status_code == 404
    file.unlink()
    assert "gone" in client.get(address).text


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
