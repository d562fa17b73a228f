"""Settings of the operator, read from environment variables that begin with MILEPOST_.

Each has a default for development on one machine. Production refuses to start with a default that
would be unsafe there, unless a variable confirms it.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops import hooks, key_bytes, mailing, manifest, pages, providers, seal_keys, trust
from ops.database_urls import check_another_way, check_database_url
from ops.errors import DEBUG, SettingsError, together
from ops.key_bytes import A_KEY
from ops.mailing import MailServer
from ops.providers import Plain, SmsProvider, WeChat
from ops.trust import Trust

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "MILEPOST_"
SECRET_KEY = PREFIX + "SECRET_KEY"
OLD_SECRET_KEY = PREFIX + "OLD_SECRET_KEY"
ERASURES = PREFIX + "ERASURES"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The library's variable by which the server of the page of metrics tells its processes the folder
of the counters.
"""
DATABASE_URLS = ("database_url", "owner_database_url", "pooler_url", "replica_database_url")


class Environment(StrEnum):
    DEVELOPMENT = "development"
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """One field per variable: `port` is MILEPOST_PORT."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    home: Path = ROOT / ".milepost"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64)
    connections_max: int = Field(1000, ge=1)
    keep_alive_seconds: int = Field(75, ge=1)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(None, ge=1, le=65535)
    graphiql: bool | None = None
    demo: bool | None = None
    documents: str | None = None
    documents_only: bool = False
    origins: str | None = None

    database_url: str | None = None
    owner_database_url: str | None = None
    pooler_url: str | None = None
    pooler_prepares: bool = False
    replica_database_url: str | None = None
    replica_lag_seconds_max: float = Field(0.1, gt=0, le=5)
    pool_size: int = Field(10, ge=2, le=200)
    statement_seconds_max: float = Field(30, gt=0)
    pg_bin: Path | None = None
    allow_embedded_database: bool = False

    jwt_public_keys: str | None = None
    jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    jwt_programmes: str | None = None
    staff_claim: str = "roles"
    staff_value: str = "staff"
    signers: str | None = None
    allow_development_keys: bool = False

    secret_key: SecretStr | None = None
    old_secret_key: SecretStr | None = None
    seal_keys: SecretStr | None = None
    erasures: Path | None = None
    root_key: SecretStr | None = None
    root_public_keys: str | None = None
    roots: Path | None = None
    webhook_ports: str = "443"
    webhook_networks: str | None = None

    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    public_url: str | None = None
    sms_url: SecretStr | None = None
    sms_secret: SecretStr | None = None
    push_url: str | None = None
    push_secret: SecretStr | None = None
    wechat_url: SecretStr | None = None

    depth_max: int = Field(12, ge=1)
    aliases_max: int = Field(30, ge=1)
    tokens_max: int = Field(2000, ge=1)
    cost_max: int = Field(1000, ge=1)
    body_bytes_max: int = Field(1_000_000, ge=1)
    request_seconds_max: float = Field(10, gt=0)
    member_rate_per_second: float = Field(20, gt=0)
    member_rate_burst: int = Field(100, ge=1)
    partner_rate_per_second: float = Field(200, gt=0)
    partner_rate_burst: int = Field(1000, ge=1)
    member_in_flight_max: int = Field(8, ge=1)
    partner_in_flight_max: int = Field(64, ge=1)

    job_tries_max: int = Field(8, ge=1, le=100)
    job_retry_seconds: float = Field(2, gt=0)
    job_lost_seconds: float = Field(30, ge=1)

    @property
    def embedded(self) -> bool:
        """Whether Milepost starts its own PostgreSQL: none is configured."""
        return self.database_url is None

    @property
    def production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def serves_graphiql(self) -> bool:
        """Whether GraphiQL is served; in production only if enabled."""
        return not self.production if self.graphiql is None else self.graphiql

    @property
    def serves_demo(self) -> bool:
        """Whether the page of a member and a partner is served: in development, or if set."""
        wanted = self.environment is Environment.DEVELOPMENT
        return wanted if self.demo is None else self.demo

    @property
    def accepts_development_keys(self) -> bool:
        """Whether tokens signed by the key in the home are believed."""
        return not self.production or self.allow_development_keys

    def allowed_origins(self) -> tuple[str, ...]:
        """The origins whose pages may call the API, as a browser names them.

        Raises: SettingsError
        """
        return tuple(map(pages.origin, pages.named(self.origins)))

    def kept_under(self) -> bytes | None:
        """The key that secrets are kept under; None where none is set.

        Raises: SettingsError
        """
        return key_bytes.read(SECRET_KEY, self.secret_key)

    def kept_under_before(self) -> bytes | None:
        """The previous key, while data encrypted with it are rewritten.

        Raises: SettingsError
        """
        old = key_bytes.read(OLD_SECRET_KEY, self.old_secret_key)
        if old is not None and self.secret_key is None:
            raise SettingsError(
                OLD_SECRET_KEY, f"it is the key used before {SECRET_KEY}: set that, too"
            )
        return old

    def mail_server(self) -> MailServer | None:
        """The mail server; None if none is set, and no mail is sent.

        Raises: SettingsError
        """
        if self.smtp_url is None:
            return None
        url = self.smtp_url.get_secret_value()
        return mailing.read(url, self.mail_from, self.public_url, production=self.production)

    def sms_provider(self) -> SmsProvider | None:
        """Provider of text messages; None where nothing is set, so that none are sent.

        Raises: SettingsError
        """
        if self.sms_url is None:
            return None
        secret = self.sms_secret.get_secret_value() if self.sms_secret else None
        return providers.sms(self.sms_url.get_secret_value(), secret, production=self.production)

    def push_providers(self) -> tuple[Plain | None, WeChat | None]:
        """The operator's own receiver of pushes, and the account of WeChat; None for one that is
        not set.

        Raises: SettingsError
        """
        secret = self.push_secret.get_secret_value() if self.push_secret else None
        url, wechat = self.push_url, self.wechat_url and self.wechat_url.get_secret_value()
        return (
            providers.push(url, secret, production=self.production) if url else None,
            providers.wechat(wechat, production=self.production) if wechat else None,
        )

    def trusted(self) -> list[Trust]:
        """The trusted sign-in services; an empty list if none is configured.

        Raises: SettingsError
        """
        claim = trust.check_claim(trust.STAFF_CLAIM, self.staff_claim)
        value = trust.check_name(trust.STAFF_VALUE, self.staff_value)
        if self.signers is not None:
            return trust.read_signers(self.signers, staff_claim=claim, staff_value=value)
        programmes, issuer, audience = self._named()
        url = trust.check_url(trust.URL, self.jwks_url) if self.jwks_url else None
        keys = trust.read_keys(self.jwt_public_keys) if self.jwt_public_keys else ()
        if url is None and not keys:
            return []
        return [Trust(programmes, issuer, audience, url, keys, claim, value)]

    def _named(self) -> tuple[tuple[str, ...] | None, str | None, str | None]:
        text, issuer, audience = self.jwt_programmes, self.jwt_issuer, self.jwt_audience
        return (
            None if text is None else trust.check_programmes(trust.PROGRAMMES, text),
            None if issuer is None else trust.check_name(trust.ISSUER, issuer),
            None if audience is None else trust.check_name(trust.AUDIENCE, audience),
        )


def load(**overrides: Any) -> Settings:
    """The settings of this process, checked as a whole; `overrides` win over the environment.

    Raises: SettingsError, which names all wrong ones
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    wrong: list[SettingsError] = []
    try:
        settings = Settings(**given)
    except ValidationError as error:
        wrong = _problems(error)
        # the others are checked with its default instead
        named = {str(problem["loc"][0]) for problem in error.errors()}
        default = {name: Settings.model_fields[name].get_default() for name in named}
        settings = Settings(**{**given, **default})
    settings = settings.model_copy(update={"home": settings.home.expanduser().absolute()})
    wrong += _refused(_checks(settings))
    wrong += _key_problems(settings)
    if wrong:
        raise together(wrong)
    return settings


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none, each with its likeliest correction."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    unknown = []
    for name in sorted(environ):
        if (
            not name.startswith(PREFIX)
            or name.startswith(PREFIX + "TEST_")
            or name in (*known, DEBUG)
        ):
            continue
        close = difflib.get_close_matches(name, known, n=1)
        unknown.append(f"{name} (did you mean {close[0]}?)" if close else name)
    return unknown


def _problems(error: ValidationError) -> list[SettingsError]:
    # imported here, because settings that are right need no words
    from api.wording.catalogues import DEFAULT_LANGUAGE  # noqa: PLC0415
    from api.wording.fault_words import fault_text  # noqa: PLC0415
    from domain.programmes import reader, structure  # noqa: PLC0415

    wrong = []
    for problem in error.errors(include_url=False):
        name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
        fault = structure.fault(Settings, {}, problem)
        told = replace(fault, suggestion=reader.suggestion(fault))
        wrong.append(SettingsError(name, fault_text(told, DEFAULT_LANGUAGE)))
    return wrong


def _refused(checks: Iterable[Callable[[], object]]) -> list[SettingsError]:
    """Errors of these checks, each run separately."""
    wrong = []
    for check in checks:
        try:
            check()
        except SettingsError as error:
            wrong.append(error)
    return wrong


def _checks(settings: Settings) -> Iterator[Callable[[], object]]:
    """Checks of each given setting, and of the database as a whole."""
    yield partial(_check_database, settings)
    for name in DATABASE_URLS:
        url = getattr(settings, name)
        if url is not None:
            yield partial(check_database_url, PREFIX + name.upper(), url)
    yield partial(trust.check_claim, trust.STAFF_CLAIM, settings.staff_claim)
    yield partial(trust.check_name, trust.STAFF_VALUE, settings.staff_value)
    for variable, check, value in (
        (trust.PROGRAMMES, trust.check_programmes, settings.jwt_programmes),
        (trust.ISSUER, trust.check_name, settings.jwt_issuer),
        (trust.AUDIENCE, trust.check_name, settings.jwt_audience),
    ):
        if value is not None:
            yield partial(check, variable, value)
    if settings.jwks_url:
        yield partial(trust.check_url, trust.URL, settings.jwks_url)
    if settings.jwt_public_keys:
        yield partial(trust.read_keys, settings.jwt_public_keys)
    for name in pages.named(settings.origins):
        yield partial(pages.origin, name)
    yield settings.kept_under
    yield settings.kept_under_before
    yield partial(seal_keys.of, settings)
    yield partial(seal_keys.of_roots, settings)
    yield partial(hooks.ports, settings.webhook_ports)
    yield partial(hooks.networks, settings.webhook_networks)
    yield settings.mail_server
    yield settings.push_providers
    yield partial(manifest.check, settings.documents, only=settings.documents_only)
    yield settings.sms_provider
    yield partial(_check_secret_key, settings)


def _check_secret_key(settings: Settings) -> None:
    if settings.production and settings.secret_key is None:
        raise SettingsError(SECRET_KEY, f"production needs {A_KEY}")


def _check_database(settings: Settings) -> None:
    if settings.owner_database_url and not settings.database_url:
        raise SettingsError(
            "MILEPOST_OWNER_DATABASE_URL", "set MILEPOST_DATABASE_URL, the serving role's, as well"
        )
    for name in ("pooler_url", "replica_database_url"):
        check_another_way(PREFIX + name.upper(), getattr(settings, name), settings.database_url)
    if settings.production and settings.embedded and not settings.allow_embedded_database:
        raise SettingsError(
            "MILEPOST_DATABASE_URL",
            "production needs a PostgreSQL of its own; to run on the embedded database all "
            "the same, set MILEPOST_ALLOW_EMBEDDED_DATABASE=true",
        )


def _key_problems(settings: Settings) -> Iterator[SettingsError]:
    """Errors of the sign-in services whose single settings are right."""
    if settings.signers is not None:
        yield from _beside_signers(settings)
    try:
        services = settings.trusted()
    except SettingsError as error:
        # faults of the other variables were reported already
        if error.variable == trust.SIGNERS:
            yield error
        return
    if not settings.production:
        return
    if not services and not settings.allow_development_keys:
        yield SettingsError(
            trust.KEYS,
            f"production needs the keys that sign its tokens, here or by {trust.URL} or "
            f"{trust.SIGNERS}; to run on the development key all the same, set "
            "MILEPOST_ALLOW_DEVELOPMENT_KEYS=true",
        )
    for service in services:
        yield from _in_production(service, trust.SIGNERS if settings.signers else trust.URL)


def _beside_signers(settings: Settings) -> Iterator[SettingsError]:
    """Refuse settings of signers beside a list of services, which must contain everything."""
    for name in ("jwt_public_keys", "jwks_url", "jwt_issuer", "jwt_audience", "jwt_programmes"):
        if getattr(settings, name) is not None:
            problem = f"it contains this for each service: leave out {PREFIX}{name.upper()}"
            yield SettingsError(trust.SIGNERS, problem)


def _in_production(service: Trust, variable: str) -> Iterator[SettingsError]:
    """Checks for production: a token for another audience, or another programme, must not be
    accepted.
    """
    if service.jwks_url and urlsplit(service.jwks_url).scheme != "https":
        yield SettingsError(variable, "production needs an https:// address")
    for name, value, what in (
        (trust.ISSUER, service.issuer, "the `iss` of its tokens, as https://id.agency.example"),
        (trust.AUDIENCE, service.audience, "the `aud` of its tokens, as milepost"),
        (trust.PROGRAMMES, service.programmes, "the programmes that its keys sign for, as ota"),
    ):
        if value is None:
            yield SettingsError(name, f"production needs {what}")
