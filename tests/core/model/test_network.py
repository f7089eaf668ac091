import pytest
import torch
import torchvision

from core.errors import ConfigError
from core.model import catalog, network


@pytest.mark.parametrize("name", sorted(catalog.BACKBONES))
def test_every_backbone_gives_features_and_logits(name):
    model = network.Classifier(name, 3, 64).eval()
    with torch.inference_mode():
        x = torch.zeros(2, 3, 64, 64)
        assert model.features(x).shape == (2, catalog.BACKBONES[name].n_features)
        assert model(x).shape == (2, 3)


def test_a_transformer_takes_another_image_size():
    model = network.Classifier("vit_b_16", 2, 32).eval()
    with torch.inference_mode():
        assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 2)


def test_the_parameters_in_the_catalogue_are_torchvisions():
    for info in catalog.BACKBONES.values():
        with torch.device("meta"):
            theirs = torchvision.models.get_model(info.name, weights=None)
        assert sum(p.numel() for p in theirs.parameters()) == info.parameters


def test_the_imagenet_files_in_the_catalogue_are_torchvisions():
    for name in [*catalog.BACKBONES, *catalog.OTHERS]:
        url = torchvision.models.get_model_weights(name).DEFAULT.url
        assert url.rpartition("/")[2] == catalog.imagenet_file(name)


def test_every_classification_network_of_torchvision_can_be_chosen_or_says_why_not():
    theirs = set(torchvision.models.list_models(module=torchvision.models))
    assert theirs == {*catalog.BACKBONES, *catalog.OTHERS, *catalog.LEFT_OUT}
    with pytest.raises(ConfigError, match="224 pixels only"):
        catalog.check("maxvit_t")


@pytest.mark.parametrize(
    "name", ["efficientnet_b4", "regnet_y_1_6gf", "swin_v2_t", "densenet201", "mnasnet1_3"]
)
def test_others_of_torchvisions_networks_go_the_same_way(name):
    model = network.Classifier(name, 3, 64).eval()
    with torch.inference_mode():
        assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 3)


def test_features_and_head_make_the_logits():
    model = network.Classifier("resnet18", 4, 64).eval()
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(network.logits(model, model.features(x)), model(x))


@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v2", "efficientnet_b0", "swin_t", "vgg11_bn", "densenet121"]
)
def test_the_stages_hold_every_parameter_once_and_end_with_the_head(name):
    with torch.device("meta"):
        model = network.Classifier(name, 3, 64)
    stages = network.stages(model)
    flat = [id(p) for stage in stages for p in stage]
    assert sorted(flat) == sorted(id(p) for p in model.parameters())
    assert [p.shape for p in stages[-1]] == [p.shape for p in model.classifier.parameters()]
    assert 3 <= len(stages) <= 6


def test_a_resnets_stages_are_the_stem_its_four_layers_and_the_head():
    model = network.Classifier("resnet18", 3, 64)
    stages = network.stages(model)
    assert len(stages) == 6
    assert any(p is model.backbone.conv1.weight for p in stages[0])
    assert any(p is model.backbone.layer4[1].conv2.weight for p in stages[4])


@pytest.mark.parametrize(
    ("name", "size", "words"), [("resnet81", 64, "resnet18"), ("vit_b_16", 100, "96"), ("resnet18", 8, "32")]
)
def test_what_cannot_be_built_is_explained(name, size, words):
    with pytest.raises(ConfigError, match=words):
        network.Classifier(name, 2, size)
