"""A person the team knows, and what can be done with them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.models.contact_indexes import INDEXES
from contacts.models.contact_query import ContactQuerySet
from contacts.models.erasing import Erasable
from contacts.models.merging import Mergeable
from contacts.models.putting_back import Recoverable
from contacts.models.reach import Reachable
from contacts.models.tracking import Tracked
from contacts.models.versions import Versions
from contacts.values import international

SEARCHED = (
    *("given_name", "middle_name", "family_name", "organisation", "job_title"),
    *("city", "emails", "phones", "tags", "external_ids"),
)


class Contact(Reachable, Recoverable, Erasable, Mergeable, Tracked):
    """A person the team knows.

    Emails are kept in lower case and phones in E.164 where they can be read as such; of each, the
    first is the primary one.
    """

    noun = "contact"
    contact_column = "id"
    unspoken = frozenset(
        {"archived_at"} | {f.name for part in (Reachable, Mergeable) for f in part._meta.fields}
    )
    untracked: ClassVar = Tracked.untracked | {"created_at", "last_activity_at"}
    owner_names: dict[Any, str] = {}  # of those who were asked for already, for many contacts
    touched = ("last_activity_at",)  # what its events would do otherwise, in a second write

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    honorific = models.CharField(_("honorific"), max_length=40, blank=True)
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    middle_name = models.CharField(_("middle name"), max_length=120, blank=True)
    family_name = models.CharField(_("family name"), max_length=120, blank=True)
    suffix = models.CharField(_("suffix"), max_length=40, blank=True)
    organisation = models.CharField(_("company"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    emails = ArrayField(
        models.EmailField(max_length=254), verbose_name=_("email"), default=list, blank=True
    )
    phones = ArrayField(
        models.CharField(max_length=40), verbose_name=_("phone"), default=list, blank=True
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    street = models.CharField(_("street"), max_length=300, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=120, blank=True)
    tags = ArrayField(
        models.CharField(max_length=50), verbose_name=_("tags"), default=list, blank=True
    )
    # Who this is elsewhere: "<source>:<id>".
    external_ids = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("external ids"),
        default=list,
        db_default=[],
        blank=True,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # contact_by_owner begins with it
    )
    notes = models.TextField(_("notes"), max_length=10_000, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_activity_at = models.DateTimeField(
        _("last activity"), default=timezone.now, editable=False
    )
    search = models.GeneratedField(
        expression=Func(*(F(name) for name in SEARCHED), function="annals_search"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    sort_name = models.GeneratedField(
        expression=Func(
            *map(F, ("family_name", "given_name", "organisation", "emails")),
            function="annals_sort_name",
        ),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    history = Versions(
        excluded_fields=["search", "sort_name", "last_activity_at", "created_at"],
        no_db_index=["owner"],
    )
    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("sort_name", "id")
        default_permissions = ("add", "change", "delete", "view")
        permissions = (
            ("archive_contact", _("Can archive and restore contacts")),
            ("import_contacts", _("Can import contacts")),
            ("export_contacts", _("Can export contacts")),
            ("act_in_bulk", _("Can act on many contacts at once")),
            ("merge_contacts", _("Can merge contacts")),
        )
        constraints = [
            models.CheckConstraint(
                name="contact_has_a_name",
                violation_error_message=_(
                    "Give a name, a company, an email or a phone number, so that this contact "
                    "can be found again."
                ),
                condition=~Q(given_name="")
                | ~Q(family_name="")
                | ~Q(organisation="")
                | ~Q(emails=[])
                | ~Q(phones=[]),
            ),
            models.CheckConstraint(
                name="contact_merged_into_another",
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id")),
            ),
        ]
        indexes = INDEXES

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the contact's Activity page."""
        return reverse("contact", args=[self.pk])

    @property
    def name(self) -> str:
        """Return what to call this contact: the name, else company, email or phone."""
        names = " ".join(filter(None, (self.honorific, self.given_name, self.family_name)))
        if self.suffix and (self.given_name or self.family_name):
            names = f"{names}, {self.suffix}"
        return names or self.organisation or self.email or self.phone

    @property
    def email(self) -> str:
        """Return the primary email address, or an empty string."""
        return self.emails[0] if self.emails else ""

    @property
    def phone(self) -> str:
        """Return the primary phone number in international form, or an empty string."""
        return international(self.phones[0]) if self.phones else ""

    @property
    def shown_phones(self) -> list[dict[str, str]]:
        """Return its phone numbers as `number`, to dial, and `shown`, to read."""
        return [{"number": each, "shown": international(each)} for each in self.phones]

    @property
    def shown_external_ids(self) -> list[dict[str, str]]:
        """Return its ids elsewhere as `source`, whose they are, and `id`."""
        parts = (each.partition(":") for each in self.external_ids)
        return [{"source": source, "id": pk} for source, _colon, pk in parts]

    @property
    def address_lines(self) -> list[str]:
        """Return the postal address line by line."""
        town = " ".join(filter(None, (self.postal_code, self.city)))
        return [*self.street.splitlines(), *filter(None, (town, self.region, self.country))]

    @property
    def portal_access(self) -> list[Any]:
        """Return the invitations that wait or give access; without any, the newest of all."""
        return self.invitations.model.objects.current_of(self)

    @property
    def is_archived(self) -> bool:
        """Tell whether the contact was put away."""
        return self.archived_at is not None

    def displayed(self, name: str, value: Any) -> Any:
        """Return a value as people read it: an owner by name, a phone in international form."""
        if name == "owner_id":
            return value and str(self.owner if self.owner_id == value else self._owner_named(value))
        if name == "phones" and isinstance(value, str):
            return international(value)
        return super().displayed(name, value)

    def _owner_named(self, pk: Any) -> str:
        owners = self._meta.get_field("owner").related_model._base_manager
        return self.owner_names.get(pk) or str(owners.get(pk=pk))

    def archive(self, reason: str = "") -> bool:
        """Put the contact away, readable and searchable. Returns False where it was already.

        Messages that have not left yet are taken back.
        """
        if self.is_archived:
            return False
        self.archived_at = timezone.now()
        self.save(verb="contact.archived", details={"reason": reason.strip()})
        self.take_back("archived")
        return True

    def restore(self, reason: str = "") -> bool:
        """Take the contact back from the archive. Returns False where it was not archived."""
        if not self.is_archived:
            return False
        self.archived_at = None
        self.save(verb="contact.restored", details={"reason": reason.strip()})
        return True
