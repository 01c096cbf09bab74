"""What is kept of persons and devices beside the book; all of it can be erased, and the book stays whole."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Account(AbstractBaseUser):
    """A person's credentials and name.

    Attributes:
        person: the person's id, as the book has it; what is typed to sign in.
        name, contact: how the person is called and reached; empty once erased.
        language: one of the languages spoken here; empty: as the browser asks.
        must_change: the password is a one-time password.
        password_until: instant after which the one-time password is void.
        badge: keyed hash of the number on the badge; absent if there is none.
        pin: hash of the PIN for shared tablets; empty if there is none.
        made_at, erased_at: instants.
    """

    person = models.CharField(primary_key=True, max_length=100)
    name = models.CharField(max_length=200, blank=True, default="")
    contact = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    must_change = models.BooleanField(default=False)
    password_until = models.DateTimeField(null=True)
    badge = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - many have none, and none is unique
    pin = models.CharField(max_length=256, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "person"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """Its name in the database."""

        app_label = "accounts"

    def __str__(self) -> str:
        return self.person


class Device(models.Model):
    """A shared tablet or a wall screen that an administrator has enrolled.

    Attributes:
        device: its id, which stands in the book beside the person who acted at it.
        kind: ``tablet`` or ``wall``.
        place: where it stands, a few words.
        token: SHA-256 of what its cookie holds.
        enrolled_by: a person's id.
        enrolled_at, withdrawn_at: instants.
    """

    device = models.CharField(primary_key=True, max_length=100)
    kind = models.CharField(max_length=10)
    place = models.CharField(max_length=200, blank=True, default="")
    token = models.CharField(max_length=64)
    enrolled_by = models.CharField(max_length=100)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """Its name in the database."""

        app_label = "accounts"

    def __str__(self) -> str:
        return self.device


class Passkey(models.Model):
    """A key in a person's telephone, computer or stick that signs in without a password.

    Attributes:
        credential: its id, base64url.
        public: the public key, as the authenticator gave it.
        count: how often it signed, as it says itself; a smaller count is a copy.
        label: what the person calls it.
    """

    credential = models.CharField(primary_key=True, max_length=1_400)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    public = models.BinaryField()
    count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=100, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Its name in the database."""

        app_label = "accounts"

    def __str__(self) -> str:
        return self.label or self.credential[:8]
