"""The signed Merkle log over all events, as it lies in the database. Rows are only ever added.

What each table means is in RFC 6962 and in C2SP's tlog-tiles and tlog-checkpoint; nothing refers
to other tables, and nothing in here is personal.
"""

from django.db import models
from django.utils import timezone


class Epoch(models.Model):
    """One tree. Another begins only after a backup was restored, as trees cannot go back.

    `origin` is its name for the outside, which no other tree ever has; `opening` is the last
    trusted checkpoint of the tree before, empty in the first.
    """

    number = models.SmallIntegerField(primary_key=True)
    origin = models.CharField(max_length=300, unique=True)
    began_at = models.DateTimeField(default=timezone.now)
    opening = models.TextField(blank=True)

    class Meta:
        db_table = "activity_epoch"
        default_permissions = ()

    def __str__(self) -> str:
        return self.origin


class LedgerKey(models.Model):
    """A public key that may sign an epoch's checkpoints, from a size of the tree on.

    `vkey` is C2SP's form of it: name, key id and key.
    """

    epoch = models.SmallIntegerField()
    vkey = models.CharField(max_length=400)
    from_size = models.BigIntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "activity_key"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["epoch", "vkey"], name="key_once")]

    def __str__(self) -> str:
        return self.vkey


class Pending(models.Model):
    """An event that is not sealed yet. A trigger adds it, the sealer takes it away."""

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "activity_pending"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)


class Leaf(models.Model):
    """A sealed event: its place in the tree, without gaps from 0 on, and its hash."""

    pk = models.CompositePrimaryKey("epoch", "index")
    epoch = models.SmallIntegerField()
    index = models.BigIntegerField()
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "activity_leaf"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.epoch}/{self.index}"


class Node(models.Model):
    """The root of the complete subtree over leaves `index * 256**level` and on, 256**level of them.

    These are the levels of C2SP's tlog-tiles above the leaves: `level` is 1 or more.
    """

    pk = models.CompositePrimaryKey("epoch", "level", "index")
    epoch = models.SmallIntegerField()
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "activity_node"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.epoch}/{self.level}/{self.index}"


class Checkpoint(models.Model):
    """The tree's size and root at a moment, signed: `note` is what verifies it anywhere."""

    epoch = models.SmallIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "activity_checkpoint"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["epoch", "size"], name="checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.epoch}/{self.size}"


class Anchor(models.Model):
    """That a checkpoint left the server, where to and when."""

    class Place(models.TextChoices):
        FOLDER = "folder"
        MAIL = "mail"

    epoch = models.SmallIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    place = models.CharField(max_length=8, choices=Place.choices)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "activity_anchor"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.epoch}/{self.size} ({self.place})"


class Tally(models.Model):
    """How many sealed events of a verb happened within a half hour, and between which ids they lie.

    It is counted while sealing, and draws the log's chart without reading the log. Its ids turn a
    range of dates into a range of ids.
    """

    pk = models.CompositePrimaryKey("slot", "verb")
    slot = models.DateTimeField()
    verb = models.CharField(max_length=64)
    count = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        db_table = "activity_tally"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} {self.verb} {self.slot}"


class LedgerCheck(models.Model):
    """What a look at the log found: a full verification, or a refusal to seal.

    `findings` holds the first hundred, each an object with `kind`, `event` and `expected`.
    """

    class Kind(models.TextChoices):
        SEAL = "seal"
        VERIFY = "verify"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=timezone.now)
    ok = models.BooleanField()
    epoch = models.SmallIntegerField()
    size = models.BigIntegerField()
    findings = models.JSONField(default=list)
    total_findings = models.BigIntegerField(default=0)

    class Meta:
        db_table = "activity_check"
        default_permissions = ()
        indexes = [models.Index("kind", models.F("id").desc(), name="check_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ended_at}"
