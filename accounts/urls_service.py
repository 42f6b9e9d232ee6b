"""Addresses of signing in through a service, only where one is configured."""

from django.urls import path

from accounts import service_views

urlpatterns = [
    path("accounts/service/", service_views.sign_in, name="openid_connect_login"),
    path("accounts/service/callback/", service_views.callback, name="openid_connect_callback"),
    path(
        "preferences/services/<int:pk>/disconnect/",
        service_views.disconnect,
        name="service_disconnect",
    ),
]
