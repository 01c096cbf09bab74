"""The first tables: accounts, devices, passkeys."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[object]] = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("person", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("contact", models.CharField(blank=True, default="", max_length=200)),
                ("language", models.CharField(blank=True, default="", max_length=10)),
                ("must_change", models.BooleanField(default=False)),
                ("password_until", models.DateTimeField(null=True)),
                ("badge", models.CharField(max_length=64, null=True, unique=True)),
                ("pin", models.CharField(blank=True, default="", max_length=256)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("device", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                ("place", models.CharField(blank=True, default="", max_length=200)),
                ("token", models.CharField(max_length=64)),
                ("enrolled_by", models.CharField(max_length=100)),
                ("enrolled_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("credential", models.CharField(max_length=1400, primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE, related_name="passkeys", to="accounts.account"
                    ),
                ),
                ("public", models.BinaryField()),
                ("count", models.BigIntegerField(default=0)),
                ("label", models.CharField(blank=True, default="", max_length=100)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
