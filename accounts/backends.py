"""How a signed-in person is read from the database with each request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Backend(AuthenticationBackend):
    """Signs in by email address, and reads who is signed in with all rights in one query.

    Nothing of it outlives the request: whoever loses a right has lost it with the next one.
    """

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of that id with all permissions; None where it may not sign in."""
        user = User.objects.with_permissions(user_id)
        return user if user and self.user_can_authenticate(user) else None
