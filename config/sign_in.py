"""The settings of signing in: allauth's, from the environment where they can be chosen."""

from typing import Any

from environ import Env

_DJANGO = "django.contrib.auth"
HASHERS = [
    "accounts.passwords.Argon2",
    # Those of passwords that were set before: each is stored anew with the next sign-in.
    f"{_DJANGO}.hashers.Argon2PasswordHasher",
    f"{_DJANGO}.hashers.PBKDF2PasswordHasher",
    f"{_DJANGO}.hashers.PBKDF2SHA1PasswordHasher",
    f"{_DJANGO}.hashers.ScryptPasswordHasher",
]
VALIDATORS = [
    "accounts.own_words.OwnWordsValidator",
    "accounts.passwords.LengthValidator",
    *(
        f"{_DJANGO}.password_validation.{name}"
        for name in (
            *("UserAttributeSimilarityValidator", "MinimumLengthValidator"),
            *("CommonPasswordValidator", "NumericPasswordValidator"),
        )
    ),
]


def sign_in_settings(env: Env) -> dict[str, Any]:
    """Return how people sign in, from the environment where they can choose.

    MFA_REQUIRED_ROLES: roles, separated by commas, whose people must have an authenticator app or a
    passkey: viewer, member, manager, administrator.
    SECRET_KEY_FALLBACKS: earlier values of SECRET_KEY, separated by commas, under which sessions,
    links and authenticator apps go on working.
    """
    return {
        "SECRET_KEY_FALLBACKS": env.list("SECRET_KEY_FALLBACKS", default=[]),
        "PASSWORD_HASHERS": HASHERS,
        "AUTH_PASSWORD_VALIDATORS": [{"NAME": name} for name in VALIDATORS],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "accounts.adapter.AccountAdapter",
        "ACCOUNT_FORMS": {
            "login": "accounts.forms.SignInForm",
            "reset_password": "accounts.forms.ForgottenPasswordForm",
            "reset_password_from_key": "accounts.forms.NewPasswordForm",
            "change_password": "accounts.forms.ChangePasswordForm",
            "reauthenticate": "accounts.forms.ConfirmForm",
        },
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_SESSION_REMEMBER": None,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "SOCIALACCOUNT_ADAPTER": "accounts.service_adapter.ServiceAdapter",
        # Passkeys instead of a password, for the host of SITE_URL; an app after it.
        "MFA_ADAPTER": "accounts.factor_adapter.FactorAdapter",
        "MFA_SUPPORTED_TYPES": ["webauthn", "totp", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_TOLERANCE": 1,  # clocks of phones differ: a code counts half a minute longer
        "MFA_REQUIRED_ROLES": env.list("MFA_REQUIRED_ROLES", default=[]),
        "MFA_FORMS": {
            "login_webauthn": "accounts.forms.PasskeySignInForm",
            "reauthenticate_webauthn": "accounts.forms.PasskeyConfirmForm",
            "edit_webauthn": "accounts.forms.PasskeyNameForm",
            "authenticate": "accounts.factor_forms.SecondStepForm",
            "authenticate_webauthn": "accounts.factor_forms.SecondStepPasskeyForm",
            "reauthenticate": "accounts.factor_forms.ConfirmWithCodeForm",
            "activate_totp": "accounts.factor_forms.AddAppForm",
        },
    }
