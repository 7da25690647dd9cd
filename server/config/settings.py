"""Django's settings, from two things alone: the database's name and the secrets beside it."""

import os
from pathlib import Path

from server.config.clock import SystemClock
from server.config.database import chosen_database, database_settings, secrets_path
from server.config.secrets import load_secrets

DATABASE = chosen_database()
DATABASES = {"default": database_settings(DATABASE)}
SECRETS = load_secrets(secrets_path(DATABASE))
SECRET_KEY = SECRETS.key("django").hex()
CLOCK = SystemClock()

DEBUG = False
ALLOWED_HOSTS = os.environ.get("FANPIAO_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "server.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

APPS = (
    "cashier", "open_api", "audit", "reports", "reconciliation", "settlement",
    "inbox", "payments", "routing",
    "channels", "wallets", "catalogue", "biometrics", "people", "fleet", "merchants",
    "organisations", "ledger", "feed", "work", "cases",
)  # fmt: skip
INSTALLED_APPS = [
    # Before the admin, whose frame it redraws
    "server.console",
    "server.console.office_app.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(f"server.{app}" for app in APPS),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "server.console.guards.Guards",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["server.console.backend.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "CommonPasswordValidator", "NumericPasswordValidator",
            "UserAttributeSimilarityValidator",
        )
    ),
]  # fmt: skip
LOGIN_URL = "console:sign_in"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "static/"
SESSION_COOKIE_NAME = "fanpiao_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if HTTPS := os.environ.get("FANPIAO_HTTPS", ""):
    # Behind a proxy that speaks TLS and sets this header: FANPIAO_HTTPS=https://pos.example.edu
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 30 * 24 * 3600
    CSRF_TRUSTED_ORIGINS = [HTTPS]
# A console page may post a whole price list, never a film
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
