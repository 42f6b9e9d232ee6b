"""A mail provider, for tests: its webhooks, and reports and mails as the real ones post them."""

import base64
import hashlib
import hmac
import importlib
import json
from types import ModuleType
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from contacts.models import Delivery, Message
from contacts.reply_address import reply_address

SECRET = "annals:0123456789abcdef0123"
DOMAIN = "in.annals.example"


def use(settings: Any, name: str) -> None:
    """Configure Annals for a provider, as EMAIL_PROVIDER and its variables do at the start."""
    settings.EMAIL_PROVIDER = name
    settings.EMAIL_BACKEND = "contacts.provider_backend.EmailBackend"
    settings.INBOUND_DOMAIN = DOMAIN
    settings.ANYMAIL_WEBHOOK_SECRET = [SECRET]
    settings.ANYMAIL_REQUESTS_TIMEOUT = 5
    settings.ANYMAIL_POSTMARK_SERVER_TOKEN = "token"
    settings.ANYMAIL_MAILGUN_API_KEY = "key"
    settings.ANYMAIL_MAILGUN_SENDER_DOMAIN = "annals.example"
    from contacts import mail_events, urls_provider

    mail_events.listen()
    webhooks = importlib.reload(urls_provider)  # what the module offers depends on the provider
    addresses = ModuleType("addresses")
    addresses.urlpatterns = [
        path("anymail/", include(webhooks)),
        path("", include("config.urls")),
    ]
    settings.ROOT_URLCONF = addresses


def post(kind: str, data: Any, secret: str = SECRET, provider: str = "postmark") -> HttpResponse:
    """Post a report as the provider does: `kind` is tracking or inbound."""
    told = {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    return Client(raise_request_exception=False).post(
        f"/anymail/{provider}/{kind}/",
        json.dumps(data),
        content_type="application/json",
        headers=told if secret else {},
    )


def postmark(kind: str, delivery: Delivery, **more: Any) -> dict[str, Any]:
    """Return what Postmark reports of a mail (https://postmarkapp.com/developer/webhooks)."""
    common = {
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "MessageStream": "outbound",
        "Metadata": {"delivery": str(delivery.pk)},
        "ServerID": 23,
        "Tag": "",
    }
    bounce = {
        "RecordType": "Bounce",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Description": "The server was unable to deliver your message (ex: unknown user).",
        "Details": "smtp;550 5.1.1 The email account does not exist.",
        "Email": delivery.recipient,
        "From": "annals@annals.example",
        "BouncedAt": "2026-11-05T16:33:54.9070259Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Hello",
    }
    soft = {"Type": "SoftBounce", "Name": "Soft bounce", "Details": "smtp;452 4.2.2 Mailbox full"}
    spam = {
        "RecordType": "SpamComplaint",
        "Type": "SpamComplaint",
        "TypeCode": 100001,
        "Name": "Spam complaint",
        "Details": "Test spam complaint details",
    }
    reports = {
        "delivered": {
            "RecordType": "Delivery",
            "Recipient": delivery.recipient,
            "DeliveredAt": "2026-11-05T16:33:54.9070259Z",
            "Details": "smtp;250 2.0.0 OK",
        },
        "bounced": bounce,
        "soft": bounce | soft,
        "deferred": bounce | {"Type": "Transient", "Name": "Message delayed"},
        "rejected": bounce | {"Type": "BadEmailAddress", "Details": "Invalid email address"},
        "complained": bounce | spam,
        "unsubscribed": {
            "RecordType": "SubscriptionChange",
            "ChangedAt": "2026-11-05T16:33:54Z",
            "Origin": "Recipient",
            "Recipient": delivery.recipient,
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        },
        "opened": {
            "RecordType": "Open",
            "FirstOpen": True,
            "Recipient": delivery.recipient,
            "ReceivedAt": "2026-11-05T16:33:54.9070259Z",
            "UserAgent": "Mozilla/5.0",
        },
    }
    return common | reports[kind] | more


def mailgun(event: str, delivery: Delivery, **more: Any) -> dict[str, Any]:
    """Return what Mailgun reports, signed as it does (documentation.mailgun.com, Webhooks)."""
    token, timestamp = "06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0", "1788912345"
    signed = hmac.new(b"key", f"{timestamp}{token}".encode(), hashlib.sha256)
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signed.hexdigest()},
        "event-data": {
            "event": event,
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1788912345.4,
            "log-level": "error",
            "recipient": delivery.recipient,
            "recipient-domain": "calder.example",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {
                "code": 550,
                "message": "5.1.1 The email account that you tried to reach does not exist.",
                "description": "",
                "attempt-no": 1,
            },
            "message": {
                "headers": {
                    "to": delivery.recipient,
                    "message-id": delivery.mail_id.strip("<>"),
                    "from": "annals@annals.example",
                    "subject": "Hello",
                },
                "attachments": [],
                "size": 811,
            },
            "user-variables": {},
            "tags": [],
        }
        | more,
    }


def inbound(answered: Message, text: str = "Thanks, Friday it is.", **more: Any) -> dict[str, Any]:
    """Return an answer as Postmark hands it in, parsed."""
    to = reply_address(answered)
    headers = {"Message-ID": "<1@calder.example>", **more.pop("headers", {})}
    return {
        "FromName": "Ana Costa",
        "From": "ana@calder.example",
        "FromFull": {"Email": "ana@calder.example", "Name": "Ana Costa", "MailboxHash": ""},
        "To": to,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": to[6:].partition("@")[0]}],
        "Cc": "",
        "CcFull": [],
        "Bcc": "",
        "BccFull": [],
        "OriginalRecipient": to,
        "Subject": "Re: Friday",
        "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
        "ReplyTo": "",
        "MailboxHash": "",
        "Date": "Thu, 5 Nov 2026 16:59:01 +0200",
        "TextBody": text,
        "HtmlBody": "",
        "StrippedTextReply": "",
        "Tag": "",
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        "Attachments": [],
    } | more


def raw(answered: Message, mail: str) -> dict[str, Any]:
    """Return a mail as Postmark hands it in where it is told to include the raw content."""
    to = reply_address(answered)
    return inbound(answered) | {"RawEmail": mail.replace("REPLY", to)}


def file(name: str, content: bytes, kind: str = "application/pdf") -> dict[str, Any]:
    """Return a file of a mail as Postmark hands it in."""
    return {
        "Name": name,
        "Content": base64.b64encode(content).decode(),
        "ContentType": kind,
        "ContentLength": len(content),
    }
