"""The accounts as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Tables of persons' credentials and names, and of shared devices."""

    name = "fabrika.faces.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
