"""The backbones that can be chosen, and where torchvision keeps their ImageNet weights.

Nothing here imports torch: pages list backbones, and jobs check their names, without waiting for it.
"""

import difflib
from dataclasses import dataclass

from core.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class BackboneInfo:
    """What a person wants to know before choosing a backbone.

    `parameters` counts the pretrained network with its ImageNet head; `image_size` is the side in
    pixels that its ImageNet weights were made for;
    `imagenet_file` is torchvision's file name, which ends in the first digits of its SHA-256.
    """

    name: str
    title: str
    parameters: int
    n_features: int
    image_size: int = 224
    note: str
    imagenet_file: str


BACKBONES: dict[str, BackboneInfo] = {
    info.name: info
    for info in (
        BackboneInfo(
            name="resnet18", title="ResNet-18", parameters=11_689_512, n_features=512,
            note="The lesson's network: small, quick, good with few images.",
            imagenet_file="resnet18-f37072fd.pth",
        ),
        BackboneInfo(
            name="resnet34", title="ResNet-34", parameters=21_797_672, n_features=512,
            note="Twice as deep as ResNet-18, and twice as slow.",
            imagenet_file="resnet34-b627a593.pth",
        ),
        BackboneInfo(
            name="resnet50", title="ResNet-50", parameters=25_557_032, n_features=2048,
            note="The usual choice where there is a graphics card.",
            imagenet_file="resnet50-11ad3fa6.pth",
        ),
        BackboneInfo(
            name="mobilenet_v2", title="MobileNetV2", parameters=3_504_872, n_features=1280,
            note="Made for telephones: a small file and little arithmetic.",
            imagenet_file="mobilenet_v2-7ebf99e0.pth",
        ),
        BackboneInfo(
            name="mobilenet_v3_large", title="MobileNetV3 Large", parameters=5_483_032, n_features=1280,
            note="The quickest of these on a processor.",
            imagenet_file="mobilenet_v3_large-5c1a4163.pth",
        ),
        BackboneInfo(
            name="efficientnet_b0", title="EfficientNet-B0", parameters=5_288_548, n_features=1280,
            note="Few parameters, strong features; slower to train than its size suggests.",
            imagenet_file="efficientnet_b0_rwightman-7f5810bc.pth",
        ),
        BackboneInfo(
            name="convnext_tiny", title="ConvNeXt Tiny", parameters=28_589_128, n_features=768,
            note="A modern convolutional network; wants a graphics card.",
            imagenet_file="convnext_tiny-983f1562.pth",
        ),
        BackboneInfo(
            name="vit_b_16", title="Vision Transformer B/16", parameters=86_567_656, n_features=768,
            note="A transformer: the largest of these; wants a graphics card and many images.",
            imagenet_file="vit_b_16-c867db91.pth",
        ),
    )
}  # fmt: skip

NORMALISED = {"efficientnet_v2_l": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))}
"""Whose ImageNet weights want pixels normalised with another mean and deviation than ImageNet's."""

OTHERS: dict[str, str] = {
    "alexnet": "alexnet-owt-7be5be79.pth",
    "convnext_base": "convnext_base-6075fbad.pth",
    "convnext_large": "convnext_large-ea097f82.pth",
    "convnext_small": "convnext_small-0c510722.pth",
    "densenet121": "densenet121-a639ec97.pth",
    "densenet161": "densenet161-8d451a50.pth",
    "densenet169": "densenet169-b2777c0a.pth",
    "densenet201": "densenet201-c1103571.pth",
    "efficientnet_b1": "efficientnet_b1-c27df63c.pth",
    "efficientnet_b2": "efficientnet_b2_rwightman-c35c1473.pth",
    "efficientnet_b3": "efficientnet_b3_rwightman-b3899882.pth",
    "efficientnet_b4": "efficientnet_b4_rwightman-23ab8bcd.pth",
    "efficientnet_b5": "efficientnet_b5_lukemelas-1a07897c.pth",
    "efficientnet_b6": "efficientnet_b6_lukemelas-24a108a5.pth",
    "efficientnet_b7": "efficientnet_b7_lukemelas-c5b4e57e.pth",
    "efficientnet_v2_l": "efficientnet_v2_l-59c71312.pth",
    "efficientnet_v2_m": "efficientnet_v2_m-dc08266a.pth",
    "efficientnet_v2_s": "efficientnet_v2_s-dd5fe13b.pth",
    "mnasnet0_5": "mnasnet0.5_top1_67.823-3ffadce67e.pth",
    "mnasnet0_75": "mnasnet0_75-7090bc5f.pth",
    "mnasnet1_0": "mnasnet1.0_top1_73.512-f206786ef8.pth",
    "mnasnet1_3": "mnasnet1_3-a4c69d6f.pth",
    "mobilenet_v3_small": "mobilenet_v3_small-047dcff4.pth",
    "regnet_x_16gf": "regnet_x_16gf-ba3796d7.pth",
    "regnet_x_1_6gf": "regnet_x_1_6gf-a12f2b72.pth",
    "regnet_x_32gf": "regnet_x_32gf-6eb8fdc6.pth",
    "regnet_x_3_2gf": "regnet_x_3_2gf-7071aa85.pth",
    "regnet_x_400mf": "regnet_x_400mf-62229a5f.pth",
    "regnet_x_800mf": "regnet_x_800mf-94a99ebd.pth",
    "regnet_x_8gf": "regnet_x_8gf-2b70d774.pth",
    "regnet_y_16gf": "regnet_y_16gf-3e4a00f9.pth",
    "regnet_y_1_6gf": "regnet_y_1_6gf-0d7bc02a.pth",
    "regnet_y_32gf": "regnet_y_32gf-8db6d4b5.pth",
    "regnet_y_3_2gf": "regnet_y_3_2gf-9180c971.pth",
    "regnet_y_400mf": "regnet_y_400mf-e6988f5f.pth",
    "regnet_y_800mf": "regnet_y_800mf-58fc7688.pth",
    "regnet_y_8gf": "regnet_y_8gf-dc2b1b54.pth",
    "resnet101": "resnet101-cd907fc2.pth",
    "resnet152": "resnet152-f82ba261.pth",
    "resnext101_32x8d": "resnext101_32x8d-110c445d.pth",
    "resnext101_64x4d": "resnext101_64x4d-173b62eb.pth",
    "resnext50_32x4d": "resnext50_32x4d-1a0047aa.pth",
    "shufflenet_v2_x0_5": "shufflenetv2_x0.5-f707e7126e.pth",
    "shufflenet_v2_x1_0": "shufflenetv2_x1-5666bf0f80.pth",
    "shufflenet_v2_x1_5": "shufflenetv2_x1_5-3c479a10.pth",
    "shufflenet_v2_x2_0": "shufflenetv2_x2_0-8be3c8ee.pth",
    "swin_b": "swin_b-68c6b09e.pth",
    "swin_s": "swin_s-5e29d889.pth",
    "swin_t": "swin_t-704ceda3.pth",
    "swin_v2_b": "swin_v2_b-781e5279.pth",
    "swin_v2_s": "swin_v2_s-637d8ceb.pth",
    "swin_v2_t": "swin_v2_t-b137f0e2.pth",
    "vgg11": "vgg11-8a719046.pth",
    "vgg11_bn": "vgg11_bn-6002323d.pth",
    "vgg13": "vgg13-19584684.pth",
    "vgg13_bn": "vgg13_bn-abd245e5.pth",
    "vgg16": "vgg16-397923af.pth",
    "vgg16_bn": "vgg16_bn-6c64b313.pth",
    "vgg19": "vgg19-dcbb9e9d.pth",
    "vgg19_bn": "vgg19_bn-c79401a0.pth",
    "vit_b_32": "vit_b_32-d86f8d99.pth",
    "vit_l_16": "vit_l_16-852ce7e3.pth",
    "vit_l_32": "vit_l_32-c7638314.pth",
    "wide_resnet101_2": "wide_resnet101_2-d733dc28.pth",
    "wide_resnet50_2": "wide_resnet50_2-9ba9bcbe.pth",
}
"""torchvision's other classification backbones, which the same code takes: name -> ImageNet file."""

LEFT_OUT: dict[str, str] = {
    "googlenet": "it has further outputs in training",
    "inception_v3": "it has further outputs in training",
    "squeezenet1_0": "it ends in a convolution, not in a linear head",
    "squeezenet1_1": "it ends in a convolution, not in a linear head",
    "maxvit_t": "it takes images of 224 pixels only",
    "vit_h_14": "its weights may not be used for work that earns money",
    "regnet_y_128gf": "its weights may not be used for work that earns money",
}
"""torchvision's backbones that cannot be chosen, and why."""

_PATCHES = {"vit_b_16": 16, "vit_b_32": 32, "vit_l_16": 16, "vit_l_32": 32}


def check(name: str) -> str:
    """Return `name` if it is a backbone that can be built.

    Raises:
        ConfigError: it is not; the sentence names the nearest that is.
    """
    if name in BACKBONES or name in OTHERS:
        return name
    if name in LEFT_OUT:
        raise ConfigError(f"The backbone {name!r} cannot be used: {LEFT_OUT[name]}. Choose another one.")
    near = difflib.get_close_matches(name, [*BACKBONES, *OTHERS], n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(
        f"There is no backbone {name!r}. Choose one of {', '.join(BACKBONES)}, or another of torchvision's "
        f"{len(BACKBONES) + len(OTHERS)} classification networks by its name there.{meant}"
    )


def check_image_size(name: str, image_size: int) -> int:
    """Return `image_size` (pixels, a side) if backbone `name` can take it.

    Raises:
        ConfigError: it is outside 32..1024, or no multiple of a transformer's patch.
    """
    if not 32 <= image_size <= 1024:
        raise ConfigError(f"Image size {image_size} is out of range: choose 32 to 1024 pixels.")
    step = stride(name)
    if image_size % step:
        fits = max(step, round(image_size / step) * step)
        raise ConfigError(
            f"{name} cuts its images into patches of {step} pixels, and {image_size} is no multiple "
            f"of {step}. The nearest image size that is: {fits}."
        )
    return image_size


def stride(name: str) -> int:
    """What an image's side must be a multiple of: a transformer's patch size, else 1."""
    return _PATCHES.get(check(name), 1)


def imagenet_file(name: str) -> str:
    """torchvision's file name for the ImageNet weights of backbone `name`."""
    check(name)
    return BACKBONES[name].imagenet_file if name in BACKBONES else OTHERS[name]
