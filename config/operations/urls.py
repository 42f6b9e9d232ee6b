"""Addresses of the operations page."""

from django.urls import path

from config.operations import views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/findings/", views.findings, name="operations_findings"),
    path("operations/mails/<uuid:pk>/repeat", views.repeat, name="operations_repeat"),
    path("operations/mails/<uuid:pk>/arrived", views.arrived, name="operations_arrived"),
]
