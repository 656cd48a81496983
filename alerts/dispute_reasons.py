"""Why voices count as raised or not, in words: one sentence in both languages for each verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.facts import Voices
from alerts.wording import capital, clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.rule import DisputeRule


def found(voices: Voices, since: datetime, at: datetime, rule: DisputeRule) -> Reason:
    """Voices have been raised for as long as the limit."""
    zh, en = _place(voices)
    lasted, limit, start = at - since, timedelta(seconds=rule.limit_seconds), clock(voices.hall, since, at)
    return Reason(
        "dispute.found",
        _values(voices, since, rule) | {"seconds": seconds(lasted)},
        f"{zh}自 {start} 起持续高声说话，已 {length_zh(lasted)}（限 {length_zh(limit)}）；"
        "只判断音量，不识别内容",
        f"Voices {en} have been raised since {start}, for {length_en(lasted)} (limit {length_en(limit)}); "
        "only how loud they are is known, not what is said",
    )


def begins(voices: Voices, since: datetime, rule: DisputeRule) -> Reason:
    """Voices are raised, but not yet for as long as the limit."""
    zh, en = _place(voices)
    start, limit = clock(voices.hall, since), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "dispute.begins",
        _values(voices, since, rule),
        f"{zh}自 {start} 起有人高声说话（限 {length_zh(limit)}）",
        f"Voices {en} are raised since {start} (limit {length_en(limit)})",
    )


def ended(voices: Voices, since: datetime, end: datetime, rule: DisputeRule, *, is_lost: bool) -> Reason:
    """It is calm again, or cannot be heard any more; or late facts say that it never lasted so long."""
    zh, en = _place(voices)
    lasted, limit = end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(voices.hall, since, end), clock(voices.hall, end, since)
    values = _values(voices, since, rule) | {"seconds": seconds(lasted), "end": local(voices.hall, end)}
    if lasted < limit:
        return Reason(
            "dispute.retracted",
            values,
            f"撤回：迟到的信息表明，{zh}的高声说话未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that voices {en} were not raised for {length_en(limit)}",
        )
    if is_lost:
        return Reason(
            "dispute.ended.unheard",
            values,
            f"{stop} 起听不到{zh}的声音，无法继续判断；此前自 {start} 起高声说话共 {length_zh(lasted)}",
            f"Nothing can be heard {en} from {stop} on; voices had been raised since {start}, "
            f"for {length_en(lasted)}",
        )
    return Reason(
        "dispute.ended.calm",
        values,
        f"{zh} {stop} 恢复平静；自 {start} 起高声说话共 {length_zh(lasted)}",
        f"Voices {en} are calm again at {stop}; they were raised since {start}, for {length_en(lasted)}",
    )


def calm(voices: Voices) -> Reason:
    """Nobody raises their voice."""
    zh, en = _place(voices)
    return Reason("dispute.clear", _subject(voices), f"{zh}说话声平静", f"Voices {en} are calm")


def unheard(voices: Voices) -> Reason:
    """No microphone tells."""
    zh, en = _place(voices)
    words = f"听不到{zh}的声音，无法判断", f"{capital(en)} nothing can be heard: nothing can be said"
    return Reason("dispute.unheard", _subject(voices), *words)


def _place(voices: Voices) -> tuple[str, str]:
    if voices.window is not None:
        return f"{voices.window.number}号窗口", f"at window {voices.window.number}"
    name = next(camera.name for camera in voices.hall.cameras if camera.id == voices.sights[0].camera)
    return f"摄像机「{name.zh}」附近", f"near camera '{name.en}'"


def _subject(voices: Voices) -> dict[str, str]:
    if voices.window is not None:
        return {"window": voices.window.id, "number": voices.window.number}
    return {"camera": voices.sights[0].camera}


def _values(voices: Voices, since: datetime, rule: DisputeRule) -> dict[str, str]:
    limits = {"since": local(voices.hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}
    return _subject(voices) | limits
