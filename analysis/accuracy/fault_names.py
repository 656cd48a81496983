"""What those who label clips call the faults of a picture, and which of ours they mean."""

from __future__ import annotations

import re
from itertools import pairwise

from analysis.picture.condition.faults import Condition

WORDS = {
    Condition.COVERED: (
        "covered cover covering occluded occlusion occlude obstructed obstruction obstruct blocked block "
        "blocking masked mask hand cloth bag tape taped paint painted spray sprayed sticker umbrella"
    ),
    Condition.BLACK: "black blackout blackened dark darkness blank blanked underexposed underexposure signal",
    Condition.WASHED_OUT: (
        "washed washout overexposed overexposure white whiteout glare glaring dazzled dazzle "
        "blinded bright saturated saturation"
    ),
    Condition.FROZEN: "frozen freeze freezing froze stuck still repeated",
    Condition.BLURRED: (
        "blurred blur blurry blurring defocus defocused defocusing focus unfocused unfocussed unsharp"
    ),
    Condition.MOVED: (
        "moved move movement moving turned turn rotated rotate rotation shifted shift displaced displacement "
        "redirected redirect redirection repositioned reposition tilted tilt panned pan scene viewchange "
        "bumped knocked zoomed zoom swung"
    ),
}  # fmt: skip
_MEANS = {word: condition for condition, words in WORDS.items() for word in words.split()}


def faults_meant(name: str) -> frozenset[str]:
    """The faults that a name may mean, by its words; none for a name that nobody here knows.

    "out of focus", "lens_covered" and "OverExposed" each mean one; "covered (black cloth)" means two, and
    either is right.
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[a-z]+", parted.lower())
    joined = {"".join(pair) for pair in pairwise(words)}
    return frozenset(str(_MEANS[word]) for word in (*words, *joined) if word in _MEANS)
