"""Who is told about alerts: the notifiers of hall.yaml, one model a kind."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from hall.config.headers import Headers
from hall.finding import Alert, AlertKind, AlertStatus, Flip, Severity
from hall.names import HallId, NotifierId
from hall.place import Slug, Strict

REFERENCE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
"""A secret is named, never written down: the configuration is stored and can be exported."""

PLACEHOLDERS = (
    "text",
    "heading",
    "reason",
    "status",
    "severity",
    "kind",
    "hall",
    "subject",
    "began",
    "lasted",
    "link",
    "alert",
    "revision",
    "phone",
    "phones",
)
"""What `{NAME}` may stand for in the calls of `sms` and `signal`."""


def http_address(value: str) -> str:
    """An address that can be asked. Raises ValueError."""
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("an address holds no blanks")
    try:
        parts = urlsplit(value)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        raise ValueError("is not an address") from error
    if not known:
        raise ValueError("write an address that begins with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user or password; the receiver checks the signature")
    return value


def _template_address(value: str) -> str:
    http_address(value)
    if any(f"{{{name}}}" in urlsplit(value).netloc for name in PLACEHOLDERS):
        raise ValueError("what is told cannot choose the host that it is told to")
    return value


def _proxy_address(value: str) -> str:
    credentials, separator, host = value.partition("://")[2].rpartition("@")
    if separator and not all(re.match(REFERENCE, part) for part in credentials.split(":")):
        raise ValueError("write user and password of the proxy as ${NAME}")
    if not value.lower().startswith("http://"):
        raise ValueError("write the proxy as http://host:port")
    http_address(f"http://{host}")
    return value


def _token_named(value: str) -> str:
    """A robot's address is its password: whoever knows the token may write to the group."""
    parts = urlsplit(value)
    written = [v for name, v in parse_qsl(parts.query) if name in ("key", "access_token") and "${" not in v]
    hook = parts.path.rpartition("/hook/")[2] if "/hook/" in parts.path else "${"
    if written or "${" not in hook:
        raise ValueError("write the robot's token as ${NAME} and set NAME in the environment")
    return value


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("write the whole path, from / on")
    return path


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return value


Address = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(http_address)]
RobotAddress = Annotated[Address, AfterValidator(_token_named)]
File = Annotated[Path, AfterValidator(_absolute)]
Secret = Annotated[str, Field(pattern=REFERENCE)]
Mailbox = Annotated[str, Field(max_length=254, pattern=r"^[!#-'*+\--9=?A-Z^-~]+@[A-Za-z0-9.-]+$")]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")]


class Language(StrEnum):
    """In which language a person is told."""

    ZH = "zh-CN"
    EN = "en"


class NotifierBase(Strict):
    """What every notifier has: an id, under which is stored how far it has been told, and what it hears of.

    Empty `halls`, `kinds` and `statuses` mean all; `statuses` are those that a flip leads to. More than
    `per_minute` messages a minute are not sent: None takes what the kind of notifier can bear.
    """

    usual_per_minute: ClassVar[int | None] = None

    id: Annotated[NotifierId, Slug]
    severities: Annotated[tuple[Severity, ...], Field(min_length=1)] = tuple(Severity)
    halls: tuple[HallId, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    statuses: tuple[AlertStatus, ...] = ()
    per_minute: Annotated[int | None, Field(ge=1, le=6000)] = None

    @property
    def most_per_minute(self) -> int | None:
        """How many messages may be sent in any minute; None: as many as there are."""
        return self.per_minute or self.usual_per_minute

    def wants(self, alert: Alert, flip: Flip) -> bool:
        """Whether this notifier hears of a flip."""
        return self.concerns(alert, flip.severity) and (not self.statuses or flip.after in self.statuses)

    def concerns(self, alert: Alert, severity: Severity) -> bool:
        """Whether it is of a hall, a kind and a severity that this notifier hears of."""
        return (
            severity in self.severities
            and (not self.halls or alert.subject.hall in self.halls)
            and (not self.kinds or alert.kind in self.kinds)
        )


class Reached(Strict):
    """How a receiver is reached over HTTP.

    `proxy` may hold `${NAME}` for its user and password. `ca_file` holds the authorities (PEM) that vouch for
    the receiver, in place of the machine's.
    """

    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    proxy: Annotated[
        str | None, Field(max_length=2048), AfterValidator(lambda v: v and _proxy_address(v))
    ] = None
    ca_file: File | None = None


class Written(Strict):
    """What is written for people: in which language, and what stands before every message.

    A group robot may ask for a keyword in every message, a text message needs the sender's name: `prefix`.
    """

    language: Language = Language.ZH
    prefix: Annotated[str, Field(max_length=40), AfterValidator(_printable)] = ""


class Signed(Strict):
    """The secret that both sides know: the name of a variable, or a file."""

    secret: Secret | None = None
    secret_file: File | None = None


class WebhookSettings(NotifierBase, Reached, Signed):
    """Posts each flip as signed JSON. `url` may hold `${NAME}`, `secret` is one, read when it is needed."""

    kind: Literal["webhook"]
    url: Address


class WecomSettings(NotifierBase, Reached, Written):
    """A group robot of WeCom 企业微信: it takes 20 messages a minute."""

    usual_per_minute = 20

    kind: Literal["wecom"]
    url: RobotAddress


class DingtalkSettings(NotifierBase, Reached, Written, Signed):
    """A group robot of DingTalk 钉钉: it takes 20 messages a minute, and locks out who sends more."""

    usual_per_minute = 20

    kind: Literal["dingtalk"]
    url: RobotAddress


class FeishuSettings(NotifierBase, Reached, Written, Signed):
    """A group robot of Feishu 飞书: it takes 100 messages a minute."""

    usual_per_minute = 60

    kind: Literal["feishu"]
    url: RobotAddress


class MailSecurity(StrEnum):
    """How the way to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class EmailSettings(NotifierBase, Written):
    """Mail by SMTP, to all `recipients` in one message."""

    usual_per_minute = 30

    kind: Literal["email"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    security: MailSecurity = MailSecurity.STARTTLS
    user: Annotated[
        str | None, Field(min_length=1, max_length=254), AfterValidator(lambda v: v and _printable(v))
    ] = None
    password: Secret | None = None
    password_file: File | None = None
    sender: Mailbox
    recipients: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=50)]
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    ca_file: File | None = None

    @property
    def port_in_use(self) -> int:
        """The port, or the usual one of the security."""
        usual = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}
        return self.port or usual[self.security]


class Call(Strict):
    """One HTTP request. `url`, `headers` and `body` may hold `${NAME}`, and names of PLACEHOLDERS in braces.

    What is filled in is escaped as the place needs it: in `url` as part of an address, in `body` as its
    `Content-Type` says.
    """

    url: Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_template_address)]
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: Headers = Field(default_factory=dict)
    body: Annotated[str, Field(max_length=10_000)] = ""

    def holds(self, placeholder: str) -> bool:
        """Whether `{placeholder}` stands anywhere in the call."""
        return any(f"{{{placeholder}}}" in part for part in (self.url, self.body, *self.headers.values()))


class SmsSettings(NotifierBase, Reached, Written, Call):
    """Text messages by the HTTP interface of any gateway.

    With `{phone}` in the call it is made once a number, with `{phones}` once for all. An answer counts as
    taken when its status is 2xx and, with `expects`, its body holds this text; one that holds a text of
    `later` says that the gateway may take the message another time.
    """

    usual_per_minute = 10

    kind: Literal["sms"]
    phones: Annotated[tuple[Phone, ...], Field(min_length=1, max_length=50)]
    encoding: Literal["utf-8", "gbk"] = "utf-8"
    expects: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    later: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()

    @property
    def is_one_by_one(self) -> bool:
        """Whether each number has a call of its own."""
        return self.holds("phone")

    @property
    def names_numbers(self) -> bool:
        """Whether the call says to whom the message goes."""
        return self.holds("phone") or self.holds("phones")


class SignalLevel(StrEnum):
    """What a light or a loudspeaker can be told: the most serious alert, or that there is none."""

    ATTENTION = "attention"
    WARNING = "warning"
    SERIOUS = "serious"
    CLEAR = "clear"


class SignalSettings(NotifierBase, Reached, Written):
    """A light or a loudspeaker that is switched over HTTP; a level without a call of its own does nothing.

    `standing`: shows the most serious alert that is open and that nobody has acknowledged, a light for
    instance. `new`: sounds once for each alert that opens, a loudspeaker for instance.
    """

    kind: Literal["signal"]
    shows: Literal["standing", "new"] = "standing"
    calls: Annotated[dict[SignalLevel, Call], Field(min_length=1)]


class ForeignNotifierSettings(NotifierBase):
    """A notifier of another package: `plugin` names its entry point in the group `hallwatch.notifiers`.

    The values of `options` may hold `${NAME}`.
    """

    kind: Literal["foreign"]
    plugin: Annotated[str, Field(min_length=1, max_length=63)]
    options: dict[str, str] = Field(default_factory=dict)


NotifierSettings = Annotated[
    WebhookSettings
    | EmailSettings
    | WecomSettings
    | DingtalkSettings
    | FeishuSettings
    | SmsSettings
    | SignalSettings
    | ForeignNotifierSettings,
    Field(discriminator="kind"),
]
