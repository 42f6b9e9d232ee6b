"""Addresses of accounts. Of allauth's, only those that have a page here."""

from importlib import import_module

from allauth.account import views as allauth
from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts import factor_views, passkey_views, session_views, views

PASSWORDS = [
    path("change/", views.ChangePassword.as_view(), name="account_change_password"),
    # Where allauth sends those without a password: they get one by mail, as others do.
    path(
        "set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("reset/", views.ForgottenPassword.as_view(), name="account_reset_password"),
    path("reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
CONFIRMING = [
    path("", passkey_views.Confirm.as_view(), name="account_reauthenticate"),
    path(
        "passkey/",
        passkey_views.ConfirmWithPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("code/", factor_views.ConfirmWithCode.as_view(), name="mfa_reauthenticate"),
    path("anew/", views.sign_in_anew, name="sign_in_anew"),
]
SIGNING_IN = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("passkey/", passkey_views.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("code/", factor_views.SecondStep.as_view(), name="mfa_authenticate"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", allauth.signup, name="account_signup"),
    path("password/", include(PASSWORDS)),
    path("confirm/", include(CONFIRMING)),
]
PASSKEYS = [
    path("add/", passkey_views.add_passkey, name="mfa_add_webauthn"),
    path("<int:pk>/rename/", passkey_views.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("<int:pk>/remove/", passkey_views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
RECOVERY_CODES = [
    path("", factor_views.recovery_codes, name="mfa_view_recovery_codes"),
    path("new/", factor_views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("download/", factor_views.download_recovery_codes, name="mfa_download_recovery_codes"),
]
OWN_ACCOUNT = [
    path("", views.preferences, name="preferences"),
    path("sessions/end/", session_views.end_others, name="sessions_end"),
    path("sessions/<str:handle>/end/", session_views.end, name="session_end"),
    path("second-step/", RedirectView.as_view(url=factor_views.LIST), name="mfa_index"),
    path(
        "second-step/required/",
        factor_views.second_factor_required,
        name="second_factor_required",
    ),
    path("app/add/", factor_views.AddApp.as_view(), name="mfa_activate_totp"),
    path("app/remove/", factor_views.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("passkeys/", include(PASSKEYS)),
    path("recovery-codes/", include(RECOVERY_CODES)),
]
urlpatterns = [
    path("accounts/", include(SIGNING_IN)),
    path("preferences/", include(OWN_ACCOUNT)),
    path("unsent/<uuid:key>/", views.unsent, name="unsent"),
]
if settings.OIDC_SERVER_URL:
    urlpatterns += import_module("accounts.urls_service").urlpatterns
