"""Layouts of the live wall through the API: an officer's own, kept, and no word of what is out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from hall.permissions import Permission
from hall.roles import Role
from store import audit
from store.live_layouts import MOST
from tests.integration.console_hall import USER, YAML, Console, console
from tests.integration.visitors import visiting

PATH = "/api/v1/live/layouts"
TWO_CAMERAS = YAML + "      - {id: c2, name: {zh: 二号机, en: Camera Two}, url: 'rtsp://127.0.0.1/2'}\n"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("layouts"), yaml=TWO_CAMERAS) as running:
        yield running


def four(*cameras: str | None, **members: object) -> dict[str, object]:
    return {"hall": "h1", "panes": 4, "cameras": list(cameras), **members}


def shown(client: httpx.Client) -> dict[str, object] | None:
    told = client.get(PATH, params={"hall": "h1"})
    assert told.status_code == 200, told.text
    found: dict[str, object] | None = told.json()["shown"]
    return found


def test_a_layout_is_saved_under_its_name_replaced_and_removed_and_each_is_on_record(hall: Console) -> None:
    with hall.officer() as officer:
        saved = officer.put(f"{PATH}/早班", json=four("c1", None, "c2"))
        assert saved.status_code == 200, saved.text
        assert saved.json()["cameras"] == ["c1", None, "c2", None]
        officer.put(f"{PATH}/早班", json={"hall": "h1", "panes": 1, "cameras": ["c2"]})
        (item,) = officer.get(PATH).json()["items"]
        assert (item["name"], item["panes"], item["cameras"]) == ("早班", 1, ["c2"])
        assert officer.delete(f"{PATH}/早班").status_code == 204
        assert officer.delete(f"{PATH}/早班").status_code == 404
        assert officer.get(PATH).json()["items"] == []
    with hall.database.read() as tx:
        acts = [entry for entry in audit.entries(tx) if entry.action.startswith("live_layout")]
    assert [(entry.action, entry.who, entry.subject) for entry in acts] == [
        ("live_layout_save", USER, "layout:早班"),
        ("live_layout_save", USER, "layout:早班"),
        ("live_layout_remove", USER, "layout:早班"),
    ]


def test_what_was_on_the_wall_last_is_there_again_under_the_name_it_was_begun_from(hall: Console) -> None:
    with visiting(hall, Role.OFFICER) as client:
        assert shown(client) is None
        assert client.put(PATH, json=four("c2", "c1", shown_as="早班")).status_code == 200
        assert client.put(PATH, json=four("c1", shown_as="早班")).status_code == 200
        last = shown(client)
        assert last is not None
        assert (last["name"], last["cameras"]) == ("早班", ["c1", None, None, None])
        assert client.get(PATH).json()["items"] == []


def test_layouts_are_those_of_one_officer_alone(hall: Console) -> None:
    with visiting(hall, Role.OFFICER) as one, visiting(hall, Role.OFFICER) as other:
        one.put(f"{PATH}/mine", json=four("c1"))
        one.put(PATH, json=four("c1"))
        assert other.get(PATH).json() == {"items": [], "next": None, "shown": None}
        assert other.delete(f"{PATH}/mine").status_code == 404
        assert len(one.get(PATH).json()["items"]) == 1


def test_a_camera_out_of_reach_is_left_out_like_one_that_does_not_exist(hall: Console) -> None:
    with visiting(hall, Role.OFFICER, cameras=["c2"]) as narrow:
        kept = narrow.put(f"{PATH}/all", json=four("c1", "nowhere", "c2", "c2"))
        assert kept.json()["cameras"] == [None, None, "c2", None]
        assert narrow.get(PATH).json()["items"][0]["cameras"] == [None, None, "c2", None]


def test_a_camera_that_goes_out_of_reach_goes_from_the_layouts_that_are_shown(hall: Console) -> None:
    with visiting(hall, Role.OFFICER, name="lin") as client:
        client.put(PATH, json=four("c1", "c2"))
        client.put(f"{PATH}/both", json=four("c1", "c2"))
    with visiting(hall, Role.OFFICER, name="lin", cameras=["c2"]) as narrowed:
        told = narrowed.get(PATH).json()
        assert told["shown"]["cameras"] == told["items"][0]["cameras"] == [None, "c2", None, None]


def test_another_hall_is_answered_like_none(hall: Console) -> None:
    with visiting(hall, Role.OFFICER, halls=["another"]) as stranger:
        for name in ("h1", "zz"):
            asked = {"hall": name, "panes": 1, "cameras": ["c1"]}
            answers = [
                stranger.put(PATH, json=asked),
                stranger.put(f"{PATH}/mine", json=asked),
                stranger.get(PATH, params={"hall": name}),
                stranger.delete(f"{PATH}/mine", params={"hall": name}),
            ]
            assert [answer.status_code for answer in answers] == [422, 422, 404, 404]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("panes", 5),
        ("panes", None),
        ("cameras", ["c1"] * 17),
        ("cameras", "c1"),
        ("cameras", [""]),
        ("cameras", ["c\u0000"]),
        ("more", 1),
    ],
)
def test_a_layout_that_is_none_is_refused_by_the_member_that_is_wrong(
    hall: Console, member: str, value: object
) -> None:
    with hall.officer() as officer:
        for path in (PATH, f"{PATH}/mine"):
            answer = officer.put(path, json={**four("c1"), member: value})
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["field"].startswith(member)
        assert officer.put(f"{PATH}/%20", json=four("c1")).status_code == 422
        assert officer.put(f"{PATH}/{'x' * 61}", json=four("c1")).status_code == 422


def test_there_are_at_most_fifty_layouts_and_a_known_one_may_still_be_changed(hall: Console) -> None:
    with visiting(hall, Role.OFFICER) as client:
        for number in range(MOST):
            assert client.put(f"{PATH}/n{number}", json=four("c1")).status_code == 200
        assert client.put(f"{PATH}/more", json=four("c1")).status_code == 409
        assert client.put(f"{PATH}/n7", json=four("c2")).status_code == 200
        assert client.put(PATH, json=four("c2")).status_code == 200


def test_who_may_not_view_live_has_no_layouts(hall: Console) -> None:
    with visiting(hall, Role.OFFICER, withheld=[Permission.LIVE]) as client:
        assert client.get(PATH).status_code == 403
        assert client.put(PATH, json=four("c1")).status_code == 403
