"""Django's settings, made in code for one plant; and the tables of the accounts, made or brought up to date."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from fabrika.faces.web.addresses import in_url
from fabrika.faces.web.keys import kept_secret
from fabrika.faces.web.site import Site, serve_from_now_on

ACCOUNTS = "accounts.sqlite"
MOST_BYTES = 4 * 2**20
"""Of a request's body; a plant file has 5 MB at most and comes by its own way."""

APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "axes",
    "fabrika.faces.web.accounts",
)

# All of them run in one step of one thread, see `asgi`.
MIDDLEWARE = (
    "fabrika.faces.web.static_files.StaticFiles",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "fabrika.faces.web.refusals.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fabrika.faces.web.visiting.Visits",
)

SELF, NONE = "'self'", "'none'"
POLICY = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}


def configure(site: Site) -> None:
    """Make Django serve a site, and its tables fit; may be called again for another site in the same process.

    Raises:
        StorageRefusedError: a secret lies open.
    """
    from django.conf import settings

    serve_from_now_on(site)
    values = _settings(site)
    if settings.configured:
        _change(values)
    else:
        settings.configure(**values)
        import django

        _quiet()
        django.setup()
    _make_tables(site)


def _settings(site: Site) -> dict[str, Any]:
    return {
        "DEBUG": False,
        "SECRET_KEY": kept_secret(site.folder / "keys" / "web.key"),
        "ALLOWED_HOSTS": [in_url(name) for name in site.hosts],
        "ROOT_URLCONF": "fabrika.faces.addresses",
        "INSTALLED_APPS": list(APPS),
        "MIDDLEWARE": list(MIDDLEWARE),
        "DATABASES": {"default": _database(site.folder / ACCOUNTS)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "USE_I18N": False,
        "APPEND_SLASH": False,
        "LOGGING_CONFIG": None,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
        "DATA_UPLOAD_MAX_MEMORY_SIZE": MOST_BYTES,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 200,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 2,
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": MOST_BYTES,
        **_of_headers(tls=site.tls),
        **_of_sessions(site),
        **_of_failures(site),
    }


def _database(path: Path) -> dict[str, Any]:
    """A rollback journal, and deleted text overwritten: what was erased is in no file any more."""
    first = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 600,
        "OPTIONS": {"init_command": first, "transaction_mode": "IMMEDIATE", "timeout": 10},
    }


def _of_headers(*, tls: bool) -> dict[str, Any]:
    return {
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY},
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        # A plant's own authority may be replaced; a browser that insists on it for ever would lock its people out.
        "SECURE_HSTS_SECONDS": 0,
        "CSRF_COOKIE_SECURE": tls,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": "fabrika.faces.web.refusals.forged",
    }


def _of_sessions(site: Site) -> dict[str, Any]:
    # Browsers keep cookies by host and not by port: two plants on one machine must not end each other's sessions.
    suffix = f"_{site.port}" if site.port else ""
    return {
        "SESSION_ENGINE": "django.contrib.sessions.backends.db",
        "SESSION_COOKIE_NAME": f"fabrika_session{suffix}",
        "CSRF_COOKIE_NAME": f"fabrika_form{suffix}",
        "SESSION_COOKIE_SECURE": site.tls,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "SESSION_COOKIE_AGE": int(3600 * max(site.policy.desk_h, site.policy.tablet_h)),
        "AUTH_USER_MODEL": "accounts.Account",
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "fabrika.faces.web.accounts.backends.ByPassword",
            "fabrika.faces.web.accounts.backends.ByPin",
            "fabrika.faces.web.accounts.backends.ByBadge",
        ],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [],
    }


def _of_failures(site: Site) -> dict[str, Any]:
    return {
        "AXES_HANDLER": "fabrika.faces.web.accounts.lockout.Lockout",
        "AXES_FAILURE_LIMIT": site.policy.failures,
        "AXES_LOCKOUT_PARAMETERS": ["username", "ip_address"],
        "AXES_COOLOFF_TIME": timedelta(minutes=site.policy.locked_min),
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        "AXES_USERNAME_FORM_FIELD": "username",
        "AXES_SENSITIVE_PARAMETERS": ["username", "person", "badge", "pin", "password", "secret", "next", "user_agent"],
        "AXES_LOCKOUT_CALLABLE": "fabrika.faces.web.accounts.lockout.locked",
        "AXES_ENABLE_ADMIN": False,
        "AXES_VERBOSE": False,
        "SILENCED_SYSTEM_CHECKS": ["axes.W001", "axes.W002", "axes.W003"],
    }


def _change(values: dict[str, Any]) -> None:
    """Another site in a process that served one before."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    for name, value in values.items():
        setattr(settings, name, value)
    connections.settings = connections.configure_settings(settings.DATABASES)
    for alias in connections:
        if hasattr(connections._connections, alias):  # noqa: SLF001 - Django has no other way to forget a database
            delattr(connections._connections, alias)  # noqa: SLF001


def _make_tables(site: Site) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    path = site.folder / ACCOUNTS
    path.touch(mode=0o600)
    path.chmod(0o600)
    steps = MigrationExecutor(connection)
    # Where none is left, as at nearly every start, the command would still go through all that were ever made.
    if steps.migration_plan(steps.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    call_command("clearsessions", verbosity=0, skip_checks=True)
    from axes.handlers.proxy import AxesProxyHandler
    from axes.utils import reset  # noqa: F401 - loads the handler, which needs the tables

    AxesProxyHandler.reset_logs(age_days=site.policy.history_days)
    connection.close()


def _quiet() -> None:
    """Only our own words go to the terminal: others' logs hold paths and addresses of persons."""
    for name in ("django", "axes", "uvicorn", "asyncio"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    own = logging.getLogger("fabrika.web")
    if not own.handlers:
        own.addHandler(logging.StreamHandler(sys.stderr))
        own.propagate = False
