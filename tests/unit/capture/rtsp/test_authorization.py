"""Answers to challenges are those of the standards' own examples."""

from __future__ import annotations

import pytest

from capture.rtsp.authorization import Authorization, challenges

RFC_7616_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_7616_OWN = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answered(header: str, user: str, password: str, own: str, method: str, url: str) -> str:
    authorization = Authorization(user, password, lambda: own)
    assert authorization.take([header]) is not None
    answer = authorization.header(method, url)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_with_quality_of_protection(algorithm: str, response: str) -> None:
    header = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{RFC_7616_NONCE}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    answer = answered(header, "Mufasa", "Circle of Life", RFC_7616_OWN, "GET", "/dir/index.html")
    assert f'response="{response}"' in answer
    assert "nc=00000001" in answer
    assert 'opaque="FQhe' in answer


def test_digest_without_quality_of_protection() -> None:
    header = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    answer = answered(header, "Mufasa", "CircleOfLife", "", "GET", "/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "qop" not in answer


def test_basic_is_answered_when_nothing_better_is_asked_for() -> None:
    answer = answered('Basic realm="WallyWorld"', "Aladdin", "open sesame", "", "OPTIONS", "*")
    assert answer == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_of_several_challenges_the_strongest_is_answered() -> None:
    found = challenges(
        ['Basic realm="x", Digest realm="x", nonce="1"', 'Digest realm="x", nonce="2", algorithm=SHA-256']
    )
    assert [(one.scheme, one.algorithm) for one in found] == [
        ("digest", "sha-256"), ("digest", "md5"), ("basic", "md5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        "", "Digest", 'Digest realm="x"', 'Digest nonce="1", algorithm=MD4', "Negotiate abc",
        'Digest nonce="1", qop="auth-int"', "Digest " + ",".join(['a="'] * 1000),
    ],
)  # fmt: skip
def test_challenges_that_cannot_be_answered_are_none(header: str) -> None:
    authorization = Authorization("user", "word")
    assert authorization.take([header]) is None
    assert authorization.header("DESCRIBE", "rtsp://camera/") is None


def test_a_name_with_quotes_stays_one_value() -> None:
    answer = answered('Digest realm="a\\"b", nonce="1"', 'o"brien\\', "x", "", "PLAY", "rtsp://camera/")
    assert answer.startswith('Digest username="o\\"brien\\\\", realm="a\\"b", nonce="1"')


def test_every_answer_to_one_nonce_has_its_number() -> None:
    authorization = Authorization("user", "word")
    authorization.take(['Digest realm="x", nonce="1", qop="auth", stale=TRUE'])
    first, second = (authorization.header("PLAY", "rtsp://camera/") or "" for _ in range(2))
    assert "nc=00000001" in first
    assert "nc=00000002" in second
