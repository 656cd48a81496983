"""site.notifiers: what may stand there, and what is refused by field and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.notifiers import Surroundings, open_notifier
from alerts.notifiers.webhook.notifier import Webhook
from hall.clock import SimulatedClock
from hall.config import parse_configuration
from hall.config.notifiers import EmailSettings, ForeignNotifierSettings, NotifierSettings
from hall.errors import ConfigurationError, NotifyError
from hall.finding import Severity
from hall.names import NotifierId
from hall.testing_notifiers import a_flip
from tests.unit.alerts.small_hall import TEN, YAML

GOOD = "{id: duty, kind: webhook, url: 'https://desk.example/hook'}"


def parsed(*notifiers: str) -> tuple[NotifierSettings, ...]:
    lines = "".join(f"  - {notifier}\n" for notifier in notifiers)
    return parse_configuration(f"site:\n  notifiers:\n{lines}{YAML}").site.notifiers


def around() -> Surroundings:
    return Surroundings(parse_configuration(YAML), SimulatedClock(TEN), list)


def refused(*notifiers: str) -> list[tuple[str, int | None]]:
    with pytest.raises(ConfigurationError) as error:
        parsed(*notifiers)
    return [(problem.field, problem.line) for problem in error.value.problems]


def test_a_notifier_hears_of_every_severity_unless_told_otherwise() -> None:
    every, serious = parsed(GOOD, GOOD.replace("duty", "chief").replace("}", ", severities: [serious]}"))
    assert every.severities == tuple(Severity)
    assert serious.severities == (Severity.SERIOUS,)


WRONG = [
    ("an unknown kind", "kind: webhook", "kind: pigeon", "site.notifiers[0]"),
    ("an unknown key", "kind: webhook", "kind: webhook, colour: red", "site.notifiers[0].colour"),
    ("no address", ", url: 'https://desk.example/hook'", "", "site.notifiers[0].url"),
    ("another scheme", "https://", "ftp://", "site.notifiers[0].url"),
    ("no scheme", "https://", "", "site.notifiers[0].url"),
    ("no host", "desk.example", "", "site.notifiers[0].url"),
    ("a port that is none", "desk.example", "desk.example:99999", "site.notifiers[0].url"),
    ("a password in the address", "desk.example", "me:word@desk.example", "site.notifiers[0].url"),
    ("a blank in the address", "/hook", "/ho ok", "site.notifiers[0].url"),
    ("a written secret", "}", ", secret: hunter2}", "site.notifiers[0].secret"),
    ("two secrets", "}", ", secret: '${A}', secret_file: /run/a}", "site.notifiers[0].secret_file"),
    ("no severity", "}", ", severities: []}", "site.notifiers[0].severities"),
    ("an id that is none", "id: duty", "id: Duty Desk", "site.notifiers[0].id"),
]


MAIL = (
    "{id: m, kind: email, host: mail.example, user: hall, password: '${P}', sender: hall@example.cn, "
    "recipients: [duty@example.cn]}"
)
WECOM = "{id: r, kind: wecom, url: 'https://robot.example/send?key=${KEY}'}"
FEISHU = "{id: f, kind: feishu, url: 'https://robot.example/bot/v2/hook/${KEY}', secret: '${S}'}"
SMS = "{id: s, kind: sms, url: 'https://sms.example/send', body: 'to={phones}', phones: ['13800000001']}"
LIGHT = "{id: l, kind: signal, calls: {serious: {url: 'http://light.example/on'}}}"
WRONG_KINDS = [
    ("mail without a recipient", MAIL, "[duty@example.cn]", "[]", "recipients"),
    ("a recipient that is none", MAIL, "duty@example.cn", "duty", "recipients[0]"),
    ("a recipient of two lines", MAIL, "[duty@example.cn]", '["a@b.cn\\nBcc: c@d.cn"]', "recipients[0]"),
    ("a mail host with a path", MAIL, "mail.example", "mail.example/x", "host"),
    ("a written password", MAIL, "'${P}'", "hunter2", "password"),
    ("two passwords", MAIL, "sender", "password_file: /run/p, sender", "password_file"),
    ("a password without its user", MAIL, "user: hall, ", "", "user"),
    ("a user without a password", MAIL, "password: '${P}', ", "", "user"),
    ("a password in the clear", MAIL, "sender", "security: none, sender", "security"),
    ("a written robot token", WECOM, "${KEY}", "693axxx6", "url"),
    ("a written hook", FEISHU, "${KEY}", "693axxx6", "url"),
    ("a secret of another kind", WECOM, "}'}", "}', secret: '${S}'}", "secret"),
    ("two secrets", FEISHU, "'${S}'", "'${S}', secret_file: /run/s", "secret_file"),
    ("a prefix of two lines", WECOM, "}'}", '}\', prefix: "a\\nb"}', "prefix"),
    ("an unknown language", WECOM, "}'}", "}', language: fr}", "language"),
    ("a relative file of authorities", WECOM, "}'}", "}', ca_file: ca.pem}", "ca_file"),
    ("a written proxy password", WECOM, "}'}", "}', proxy: 'http://a:b@proxy.example:3128'}", "proxy"),
    ("a proxy over TLS", WECOM, "}'}", "}', proxy: 'https://proxy.example:3128'}", "proxy"),
    ("an unknown hall", WECOM, "}'}", "}', halls: [nowhere]}", "halls[0]"),
    ("an unknown kind of alert", WECOM, "}'}", "}', kinds: [boredom]}", "kinds[0]"),
    ("no message a minute", WECOM, "}'}", "}', per_minute: 0}", "per_minute"),
    ("a number that is none", SMS, "13800000001", "138 0000", "phones[0]"),
    ("numbers that stand nowhere", SMS, "{phones}", "nobody", "phones"),
    ("a text in the host", SMS, "sms.example", "{text}.example", "url"),
    ("a written header", SMS, "phones:", "headers: {Authorization: hunter2}, phones:", "headers"),
    ("a header of two lines", SMS, "phones:", 'headers: {X-A: "${A}\\nX-B: 1"}, phones:', "headers"),
    ("a light without a call", LIGHT, "{serious: {url: 'http://light.example/on'}}", "{}", "calls"),
    ("a level that is none", LIGHT, "serious", "purple", "calls.purple.[key]"),
    ("a light that hears of no ending", LIGHT, "calls", "statuses: [open], calls", "statuses"),
]


@pytest.mark.parametrize(
    ("given", "old", "new", "field"),
    [case[1:] for case in WRONG_KINDS],
    ids=[case[0] for case in WRONG_KINDS],
)
def test_what_is_wrong_of_a_kind_is_named_by_its_field(given: str, old: str, new: str, field: str) -> None:
    assert old in given
    assert [found for found, _ in refused(given.replace(old, new, 1))] == [f"site.notifiers[0].{field}"]


KNOWN = [(MAIL, 30), (WECOM, 20), (FEISHU, 60), (SMS, 10), (LIGHT, None), (GOOD, None)]


@pytest.mark.parametrize(("given", "usual"), KNOWN)
def test_every_kind_is_built_in_and_has_its_own_pace(given: str, usual: int | None) -> None:
    (settings,) = parsed(given)
    assert open_notifier(settings, around()) is not None
    assert settings.most_per_minute == usual
    (slower,) = parsed(given[:-1] + ", per_minute: 5}")
    assert slower.most_per_minute == 5


def test_a_mail_server_is_reached_at_the_usual_port_of_its_encryption() -> None:
    plain = MAIL.replace("user: hall, password: '${P}', ", "")
    told = [
        parsed(given)[0] for given in (MAIL, MAIL[:-1] + ", security: tls}", plain[:-1] + ", security: none}")
    ]
    assert [one.port_in_use for one in told if isinstance(one, EmailSettings)] == [587, 465, 25]


def test_a_robot_of_one_s_own_gateway_needs_no_token() -> None:
    (settings,) = parsed(
        WECOM.replace("https://robot.example/send?key=${KEY}", "http://192.0.2.7/wecom/duty")
    )
    assert settings.kind == "wecom"


@pytest.mark.parametrize(
    ("old", "new", "field"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_is_wrong_is_named_by_field_and_line(old: str, new: str, field: str) -> None:
    assert refused(GOOD.replace(old, new, 1)) == [(field, 3)]


def test_an_id_stands_once() -> None:
    assert refused(GOOD, GOOD) == [("site.notifiers[1].id", 4)]


def test_a_written_secret_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(ConfigurationError) as error:
        parsed(GOOD.replace("}", ", secret: hunter2}"))
    assert "hunter2" not in str(error.value)


def test_a_webhook_is_built_in() -> None:
    (settings,) = parsed(GOOD)
    assert isinstance(open_notifier(settings, around()), Webhook)


def test_a_plug_in_that_is_not_installed_loses_nothing() -> None:
    settings = ForeignNotifierSettings(id=NotifierId("duty"), kind="foreign", plugin="carrier-pigeon")
    with pytest.raises(NotifyError, match="carrier-pigeon") as error:
        open_notifier(settings, around())
    assert not error.value.permanent


PIGEON = """
class Pigeon:
    def __init__(self, settings):
        self.loft = settings.options["loft"]

    def notify(self, alert, flip):
        with open(self.loft, "a") as loft:
            loft.write(alert.id)
"""


def test_a_notifier_of_another_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pigeons.py").write_text(PIGEON, encoding="utf-8")
    information = tmp_path / "pigeons-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[hallwatch.notifiers]\ncarrier-pigeon = pigeons:Pigeon\nlame-pigeon = pigeons:Lame\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    loft = tmp_path / "loft"
    (settings,) = parsed(f"{{id: duty, kind: foreign, plugin: carrier-pigeon, options: {{loft: '{loft}'}}}}")
    open_notifier(settings, around()).notify(*a_flip(7))
    assert loft.read_text() == "alert-7"
    (lame,) = parsed("{id: duty, kind: foreign, plugin: lame-pigeon}")
    with pytest.raises(NotifyError, match="cannot be loaded") as error:
        open_notifier(lame, around())
    assert not error.value.permanent
