"""Addresses of shares, of their links and of the register of disclosures."""

from django.urls import path

from contacts.views import disclosing, qr, shared, sharing

urlpatterns = [
    path("contacts/<uuid:pk>/shares/", sharing.shares, name="contact_shares"),
    path("contacts/<uuid:pk>/shares/dialog", sharing.dialog, name="contact_shares_dialog"),
    path("contacts/<uuid:pk>/shares/preview", sharing.preview, name="contact_shares_preview"),
    path("contacts/<uuid:pk>/disclosures", disclosing.disclosures, name="contact_disclosures"),
    path(
        "contacts/<uuid:pk>/disclosures.csv", disclosing.export, name="contact_disclosures_export"
    ),
    path("contacts/<uuid:pk>/qr", qr.code, name="contact_qr"),
    path(
        "contacts/<uuid:pk>/qr/dialog",
        qr.code,
        {"template": "contacts/_share_qr.html"},
        name="contact_qr_dialog",
    ),
    path("shares/<uuid:pk>/resend", sharing.resend, name="share_resend"),
    path("shares/<uuid:pk>/revoke", sharing.revoke, name="share_revoke"),
    path("shares/<uuid:pk>/row", sharing.row, name="share_row"),
    path("s/<str:token>/", shared.shared, name="shared"),
    path("s/<str:token>/card.vcf", shared.card, name="shared_card"),
    path("s/<str:token>/opened", shared.opened, name="shared_opened"),
]
